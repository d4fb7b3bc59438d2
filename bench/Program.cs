using Countersign.Bench;

var benches = new Dictionary<string, Action>(StringComparer.Ordinal)
{
    ["journal"] = JournalBench.Run,
    ["language"] = LanguageBench.Run,
};

if (args is [var name] && benches.TryGetValue(name, out var run))
{
    run();
    return 0;
}

Console.Error.WriteLine($"One of: {string.Join(", ", benches.Keys.Order(StringComparer.Ordinal))}");
return 2;
