namespace Countersign.Language;

/// <summary>The fewest removals and additions that turn one list into another, by place. There is none exactly where the lists are the same.</summary>
/// <param name="Removed">Indexes of the items of the first list that are gone or stand elsewhere, ascending.</param>
/// <param name="Added">Indexes of the items of the second list that are new or stood elsewhere, ascending.</param>
internal sealed record ItemEdits(int[] Removed, int[] Added)
{
    // Longer lists are told as a whole, so that no document makes the comparison take long.
    private const int MostCells = 4_000_000;

    public static ItemEdits Between(string[] before, string[] after)
    {
        int start = 0;
        while (start < before.Length && start < after.Length && before[start] == after[start])
        {
            start++;
        }

        int tail = 0;
        while (tail < Math.Min(before.Length, after.Length) - start && before[^(tail + 1)] == after[^(tail + 1)])
        {
            tail++;
        }

        return Between(before, after, start, before.Length - tail, after.Length - tail);
    }

    private static ItemEdits Between(string[] before, string[] after, int start, int endBefore, int endAfter)
    {
        int rows = endBefore - start;
        int columns = endAfter - start;
        if ((long)rows * columns > MostCells)
        {
            return new ItemEdits([.. Enumerable.Range(start, rows)], [.. Enumerable.Range(start, columns)]);
        }

        int[,] common = new int[rows + 1, columns + 1];
        for (int row = rows - 1; row >= 0; row--)
        {
            for (int column = columns - 1; column >= 0; column--)
            {
                common[row, column] = before[start + row] == after[start + column]
                    ? common[row + 1, column + 1] + 1
                    : Math.Max(common[row + 1, column], common[row, column + 1]);
            }
        }

        List<int> removed = [];
        List<int> added = [];
        int left = 0;
        int right = 0;
        while (left < rows || right < columns)
        {
            if (left < rows && right < columns && before[start + left] == after[start + right])
            {
                left++;
                right++;
            }
            else if (right == columns || (left < rows && common[left + 1, right] >= common[left, right + 1]))
            {
                removed.Add(start + left++);
            }
            else
            {
                added.Add(start + right++);
            }
        }

        return new ItemEdits([.. removed], [.. added]);
    }
}
