using Countersign.Core.Tests.Fuzzing;
using Countersign.Schemas;
using static Countersign.Core.Tests.Schemas.Subject;

namespace Countersign.Core.Tests.Schemas;

/// <summary>Alone, because it weighs the whole heap.</summary>
[CollectionDefinition(nameof(PatternMemoryTests), DisableParallelization = true)]
public sealed class PatternMemoryCollection;

[Collection(nameof(PatternMemoryTests))]
public sealed class PatternMemoryTests
{
    [Fact]
    public void Pattern_MadeToGrowStates_KeepsNoMemory()
    {
        const int patterns = 10;
        JsonSchema[] schemas = [.. Enumerable.Range(0, patterns).Select(i => Schema($$"""{ "pattern": "(?:a|b)*a(?:a|b){12}c{{i}}" }"""))];
        var random = new Seeded(1);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int round = 0; round < 5; round++)
        {
            string text = string.Concat(Enumerable.Range(0, 4096).Select(_ => "ab"[random.Next(2)]));
            Assert.All(schemas, schema => Assert.False(schema.IsValid(Json($"\"{text}\""))));
        }

        // An engine that keeps the states it meets holds some twelve megabytes for each of these patterns.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, patterns * 200_000L);
        GC.KeepAlive(schemas);
    }
}
