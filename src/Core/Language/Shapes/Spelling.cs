namespace Countersign.Language;

/// <summary>Guesses what a misspelt name was meant to be.</summary>
internal static class Spelling
{
    /// <summary>A hint such as <c> Did you mean 'url'?</c>, or nothing where no name is near.</summary>
    public static string Nearest(string written, IEnumerable<string> names)
    {
        if (written.Length > 64)
        {
            return "";
        }

        int limit = written.Length <= 4 ? 1 : 2;
        (string? Name, int Distance) best = (null, limit + 1);
        foreach (string name in names)
        {
            if (Math.Abs(name.Length - written.Length) > limit)
            {
                continue;
            }

            int distance = Distance(Plain(written), Plain(name));
            if (distance < best.Distance)
            {
                best = (name, distance);
            }
        }

        return best.Name is null ? "" : $" Did you mean '{best.Name}'?";
    }

    /// <summary><c>onTimeout</c>, <c>on-timeout</c> and <c>on_timeout</c> are near each other.</summary>
    private static string Plain(string name)
        => string.Concat(name.Where(c => c is not ('_' or '-')).Select(char.ToLowerInvariant));

    /// <summary>Edit distance where two neighbours that changed places count once (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replace = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replace, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[a.Length, b.Length];
    }
}
