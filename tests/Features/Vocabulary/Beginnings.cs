using System.Collections.Immutable;
using System.Text;
using Countersign.Features.Tests.Gherkin;
using Countersign.Host.Samples;

namespace Countersign.Features.Tests.Vocabulary;

/// <summary>What is there at first: people and workflows.</summary>
internal static class Beginnings
{
    public static ImmutableArray<Binding> All { get; } =
    [
        Binding.To("these people", async (world, _, line) =>
        {
            foreach (var row in line.Rows)
            {
                await world.AddPersonAsync(row[0], row[1].Split(' '));
            }
        }),
        Binding.To("this workflow", (world, _, line) => world.SaveAsync(line.Document!)),
        Binding.To(@"the sample '([^']+)'", (world, groups, _) => SampleAsync(world, groups[0])),
        Binding.To(@"the sample '([^']+)' where '([^']+)' reads '([^']+)'", (world, groups, _) => SampleAsync(world, groups[0], (groups[1], groups[2]))),
        Binding.To(@"the sample '([^']+)' where '([^']+)' reads '([^']+)', and '([^']+)' reads '([^']+)'", (world, groups, _) =>
            SampleAsync(world, groups[0], (groups[1], groups[2]), (groups[3], groups[4]))),
    ];

    private static async Task SampleAsync(World world, string name, params (string Usual, string Instead)[] changes)
    {
        world.Sample = Sample.Read(name);
        foreach (var file in world.Sample.Workflows)
        {
            var text = Encoding.UTF8.GetString(world.Sample.Bytes(file));
            foreach (var (usual, instead) in file == world.Sample.Workflows[^1] ? changes : [])
            {
                Assert.Contains(usual, text, StringComparison.Ordinal);
                text = text.Replace(usual, instead, StringComparison.Ordinal);
            }

            await world.SaveAsync(text);
        }
    }
}
