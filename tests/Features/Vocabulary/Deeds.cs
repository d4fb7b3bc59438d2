using System.Collections.Immutable;
using System.Net.Http;
using System.Text.Json.Nodes;
using Countersign.Features.Tests.Gherkin;

namespace Countersign.Features.Tests.Vocabulary;

/// <summary>What people do. Where somebody "tries" to, the next line says what they are told; else it must succeed.</summary>
internal static class Deeds
{
    public static ImmutableArray<Binding> All { get; } =
    [
        Binding.To(@"(\w+) starts it with the input '([^']+)'", async (world, groups, _) =>
            await StartAsync(world, groups[0], JsonNode.Parse(world.Sample!.Bytes(groups[1])), null)),
        Binding.To(@"(\w+) starts it with", (world, groups, line) => StartAsync(world, groups[0], JsonNode.Parse(line.Document!), null)),
        Binding.To(@"(\w+) starts it under the key '([^']+)' with", (world, groups, line) => StartAsync(world, groups[0], JsonNode.Parse(line.Document!), groups[1])),
        Binding.To(@"(\w+) tries to start it with", (world, groups, line) => world.StartAsync(groups[0], JsonNode.Parse(line.Document!))),
        Binding.To(@"(\w+) tries to start it under the key '([^']+)' with", (world, groups, line) => world.StartAsync(groups[0], JsonNode.Parse(line.Document!), groups[1])),
        Binding.To(@"(\w+) (approves|rejects) '([^']+)'", async (world, groups, _) =>
        {
            await DecideAsync(world, groups[0], groups[1] == "approves" ? "approved" : "rejected", groups[2], null);
            world.Last.Succeed(200);
        }),
        Binding.To(@"(\w+) tries to (approve|reject) '([^']+)'", (world, groups, _) =>
            DecideAsync(world, groups[0], groups[1] == "approve" ? "approved" : "rejected", groups[2], null)),
        Binding.To(@"(\w+) tries to approve '([^']+)' as it was shown at first", async (world, groups, _) =>
        {
            var wait = await world.WaitAsync(groups[1]);
            Assert.NotEqual(world.FirstShown[groups[1]], wait.GetProperty("shownHash").GetString());
            await DecideAsync(world, groups[0], "approved", groups[1], world.FirstShown[groups[1]]);
        }),
        Binding.To(@"(\w+) submits '([^']+)' with", async (world, groups, line) =>
        {
            await SubmitAsync(world, groups[0], groups[1], line.Document!);
            world.Last.Succeed(200);
        }),
        Binding.To(@"(\w+) tries to submit '([^']+)' with", (world, groups, line) => SubmitAsync(world, groups[0], groups[1], line.Document!)),
        Binding.To(@"(\w+) makes a link to '([^']+)' for '([^']+)'", async (world, groups, _) =>
        {
            var wait = await world.WaitAsync(groups[1]);
            var made = await world.CallAsync(groups[0], HttpMethod.Post, $"/v1/approvals/{wait.GetProperty("id")}/links", new { addressee = groups[2] });
            world.Token = made.Succeed(200).GetProperty("token").GetString();
        }),
        Binding.To(@"the link to '([^']+)' is used with", async (world, groups, line) =>
        {
            var wait = await world.WaitAsync(groups[0]);
            await world.CallAsync(null, HttpMethod.Post, $"/v1/tasks/{wait.GetProperty("id")}", new { token = world.Token, data = JsonNode.Parse(line.Document!) });
        }),
        Binding.To(@"(\w+) sends the event '([^']+)' to '([^']+)' with", async (world, groups, line) =>
        {
            var body = new Dictionary<string, object?> { ["wait"] = $"{world.Run}.{groups[2]}:1:1", ["event"] = groups[1], ["data"] = JsonNode.Parse(line.Document!) };
            (await world.CallAsync(groups[0], HttpMethod.Post, $"/v1/executions/{world.Run}/resume", body)).Succeed(202);
        }),
        Binding.To(@"(\w+) cancels the run", async (world, groups, _) =>
            (await world.CallAsync(groups[0], HttpMethod.Post, $"/v1/executions/{world.Run}/cancel", new { reason = "no longer wanted" })).Succeed(202)),
    ];

    private static async Task StartAsync(World world, string person, JsonNode? input, string? key)
    {
        await world.StartAsync(person, input, key);
        world.Run = world.Last.Succeed(202).GetProperty("id").GetString()!;
    }

    private static async Task DecideAsync(World world, string person, string decision, string step, string? shown)
    {
        var wait = await world.WaitAsync(step);
        await world.CallAsync(
            person, HttpMethod.Post, $"/v1/approvals/{wait.GetProperty("id")}/decide",
            new { decision, shown = shown ?? wait.GetProperty("shownHash").GetString(), reason = "as the scenario has it" });
    }

    private static async Task SubmitAsync(World world, string person, string step, string document)
    {
        var wait = await world.WaitAsync(step);
        await world.CallAsync(person, HttpMethod.Post, $"/v1/forms/{wait.GetProperty("id")}", new { data = JsonNode.Parse(document) });
    }
}
