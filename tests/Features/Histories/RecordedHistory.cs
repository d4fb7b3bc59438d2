using System.Text;
using Countersign.Features.Tests.Documents;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Features.Tests.Histories;

/// <summary>
/// What the ledger kept of each scenario's run when its history was recorded. Stored bytes are a contract: what differs from the record
/// breaks journals that exist, unless the change is one that old journals can be read with. COUNTERSIGN_UPDATE_DOCS=1 records it.
/// </summary>
internal static class RecordedHistory
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly bool Records = Environment.GetEnvironmentVariable("COUNTERSIGN_UPDATE_DOCS") == "1";

    /// <summary>Where a scenario's history is recorded.</summary>
    public static string PathOf(string file, string scenario) => Path.Combine(
        Folder, Path.GetFileNameWithoutExtension(file), string.Concat(scenario.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')) + ".txt");

    /// <summary>All recorded histories.</summary>
    public static IEnumerable<string> Files() => Directory.EnumerateFiles(Folder, "*.txt", SearchOption.AllDirectories);

    /// <summary>Compares the history of a scenario's run with the record. A scenario that leaves its run open has none.</summary>
    public static async Task CheckAsync(ILedger ledger, string file, string scenario, string run)
    {
        var path = PathOf(file, scenario);
        if (Records ? !await HasEndedAsync(ledger, run) : !File.Exists(path))
        {
            return;
        }

        using var limit = new CancellationTokenSource(Patience);
        while (!await HasEndedAsync(ledger, run))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }

        var now = await new RunHistory(ledger, "default").ReadAsync(run);
        if (Records)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, now, new UTF8Encoding(false), CancellationToken.None);
        }

        Assert.Equal((await File.ReadAllTextAsync(path, CancellationToken.None)).ReplaceLineEndings("\n"), now);
    }

    private static string Folder => Path.Combine(Page.Root, "tests", "Histories", "Scenarios");

    private static async Task<bool> HasEndedAsync(ILedger ledger, string run) =>
        await ledger.ReadRowAsync("default", RowKeys.Run(run)) is { } row && RunRow.From(row).Ended is not null;
}
