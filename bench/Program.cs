using Countersign.Bench;

var benches = new Dictionary<string, Action>(StringComparer.Ordinal)
{
    ["canonical"] = CanonicalBench.Run,
    ["engine"] = EngineBench.Run,
    ["engine-allocations"] = EngineBench.RunAllocations,
    ["engine-alone"] = EngineBench.RunAlone,
    ["engine-chain"] = EngineBench.RunChain,
    ["expressions"] = ExpressionsBench.Run,
    ["fairness"] = FairnessBench.Run,
    ["journal"] = JournalBench.Run,
    ["journal-shapes"] = JournalShapeBench.Run,
    ["language"] = LanguageBench.Run,
    ["schemas"] = SchemasBench.Run,
    ["verify"] = VerifyBench.Run,
};

if (args is [var name] && benches.TryGetValue(name, out var run))
{
    run();
    return 0;
}

Console.Error.WriteLine($"One of: {string.Join(", ", benches.Keys.Order(StringComparer.Ordinal))}");
return 2;
