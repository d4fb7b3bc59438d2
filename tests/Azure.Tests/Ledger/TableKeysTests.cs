using System.Text;
using Countersign.Azure.Ledger;

namespace Countersign.Azure.Tests.Ledger;

public sealed class TableKeysTests
{
    private const string Forbidden = "/\\#?%";

    // Every character that a key may not carry or that is written in another way, and their neighbours.
    private static readonly string Odd = new([.. Enumerable.Range(0, 0xA2).Select(c => (char)c), 'ü', '日', '\ud83d', '\ude00', '\uffee']);

    [Fact]
    public void Row_AnyKeys_KeepOrderPrefixAndContent()
    {
        var texts = Texts().ToList();
        foreach (var text in texts)
        {
            var row = TableKeys.Row(text);
            Assert.Equal(text, TableKeys.KeyOf(row));
            Assert.DoesNotContain(row, c => Forbidden.Contains(c, StringComparison.Ordinal) || char.IsControl(c));
        }

        for (var i = 1; i < texts.Count; i++)
        {
            var (a, b) = (texts[i - 1], texts[i]);
            Assert.Equal(Math.Sign(string.CompareOrdinal(a, b)), Math.Sign(string.CompareOrdinal(TableKeys.Row(a), TableKeys.Row(b))));
            Assert.Equal(
                b.StartsWith(a, StringComparison.Ordinal),
                TableKeys.Row(b).StartsWith(TableKeys.RowsOf(a), StringComparison.Ordinal));
            Assert.StartsWith(TableKeys.RowsOf(a), TableKeys.Row(a + b), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Row_LongKey_FitsAndStaysApart()
    {
        var path = "wait|" + new string('a', 1000);
        var (one, other) = (TableKeys.Row(path + "1"), TableKeys.Row(path + "2"));

        Assert.NotEqual(one, other);
        Assert.InRange(one.Length, 1, 512);
        Assert.StartsWith(TableKeys.RowsOf("wait|aaa"), one, StringComparison.Ordinal);
        Assert.StartsWith(TableKeys.RowsOf(path), one, StringComparison.Ordinal);
        Assert.True(TableKeys.IsShortened(path));
    }

    [Fact]
    public void Event_RunsThatLookAlike_StayApart()
    {
        string[] runs = ["", "a", "a|b", "a{", "a{1b", "A", "a/b", new string('a', 200), new string('a', 201)];
        Assert.Equal(runs.Length, runs.Select(TableKeys.EventsOf).Distinct().Count());
        foreach (var run in runs)
        {
            var others = runs.Where(other => other != run).Select(other => TableKeys.Event(other, "e"));
            Assert.DoesNotContain(others, key => key.StartsWith(TableKeys.EventsOf(run), StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Texts()
    {
        foreach (var a in Odd)
        {
            yield return $"{a}";
        }

        // Pairs in an order that puts every character beside every other.
        for (var step = 1; step < Odd.Length; step += 3)
        {
            for (var i = 0; i < Odd.Length; i++)
            {
                yield return new StringBuilder().Append(Odd[i]).Append(Odd[(i + step) % Odd.Length]).ToString();
                yield return new StringBuilder().Append(Odd[i]).Append(Odd[(i + step + 1) % Odd.Length]).ToString();
            }
        }
    }
}
