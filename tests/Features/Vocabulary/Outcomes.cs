using System.Collections.Immutable;
using System.Globalization;
using System.Net.Http;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Features.Tests.Gherkin;

namespace Countersign.Features.Tests.Vocabulary;

/// <summary>What is so afterwards.</summary>
internal static class Outcomes
{
    public static ImmutableArray<Binding> All { get; } =
    [
        Binding.To(@"the run waits at '([^']+)'", async (world, groups, _) =>
        {
            var waits = await world.FollowAsync(happened => Type(happened) is "approval.requested" or "form.requested" or "wait.opened" && Subject(happened) == groups[0]);
            Assert.True(waits is not null, "The run has ended.");
            if (Type(waits.Value) != "wait.opened")
            {
                await world.MeetAsync(waits.Value);
            }
        }),
        Binding.To(@"the run comes to '([^']+)'", async (world, groups, _) =>
            Assert.True(await world.FollowAsync(happened => Type(happened) == groups[0]) is not null, "The run has ended without it.")),
        Binding.To("the run completes", async (world, _, _) => await EndAsync(world, "completed")),
        Binding.To("the run completes with", async (world, _, line) => Same(line.Document!, (await EndAsync(world, "completed")).GetProperty("output"))),
        Binding.To("the run is canceled", async (world, _, _) => await EndAsync(world, "canceled")),
        Binding.To(@"the run fails with '([^']+)'", async (world, groups, _) =>
            Assert.Equal(groups[0], (await EndAsync(world, "failed")).GetProperty("error").GetProperty("type").GetString())),
        Binding.To(@"(\w+) (finds|does not find) '([^']+)' in the inbox", async (world, groups, _) =>
        {
            var inbox = (await world.CallAsync(groups[0], HttpMethod.Get, "/v1/approvals?limit=200")).Succeed(200);
            var there = inbox.GetProperty("items").EnumerateArray().Any(wait => wait.GetProperty("run").GetString() == world.Run && wait.GetProperty("step").GetString() == groups[2]);
            Assert.Equal(groups[1] == "finds", there);
        }),
        Binding.To(@"the answer is (\d+)", (world, groups, _) =>
        {
            Assert.Equal(int.Parse(groups[0], CultureInfo.InvariantCulture), world.Last.Status);
            return Task.CompletedTask;
        }),
        Binding.To(@"the answer is (\d+) '([^']+)'", (world, groups, _) =>
        {
            Assert.Equal((groups[0], groups[1]), (world.Last.Status.ToString(CultureInfo.InvariantCulture), world.Last.Body?.GetProperty("title").GetString()));
            return Task.CompletedTask;
        }),
        Binding.To(@"the answer names '([^']+)'", (world, groups, _) =>
        {
            Assert.Contains(groups[0], world.Last.Body!.Value.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("pointer").GetString()));
            return Task.CompletedTask;
        }),
        Binding.To("it is the same run", (world, _, _) =>
        {
            Assert.Equal(world.Run, world.Last.Succeed(202).GetProperty("id").GetString());
            return Task.CompletedTask;
        }),
        Binding.To(@"the history has (\d+|no) '([^']+)' entr(?:y|ies)", async (world, groups, _) =>
        {
            var expected = groups[0] == "no" ? 0 : int.Parse(groups[0], CultureInfo.InvariantCulture);
            Assert.Equal(expected, (await HistoryAsync(world)).Count(entry => Type(entry) == groups[1]));
        }),
        Binding.To(@"step '([^']+)' (never ran|completed|was undone)", async (world, groups, _) =>
        {
            var types = (await HistoryAsync(world)).Where(entry => StepOf(entry) == groups[0] || StepOf(entry) == groups[0] + ".compensate").Select(Type).ToList();
            switch (groups[1])
            {
                case "never ran": Assert.Empty(types); break;
                case "completed": Assert.Contains("step.completed", types); break;
                default: Assert.Contains("step.compensated", types); break;
            }
        }),
        Binding.To("the services were called like this", (world, _, line) =>
        {
            Assert.Equal(line.Rows.Select(row => row[0]), world.Services.Calls);
            return Task.CompletedTask;
        }),
        Binding.To("no service was called", (world, _, _) =>
        {
            Assert.Empty(world.Services.Calls);
            return Task.CompletedTask;
        }),
        Binding.To(@"what waited at '([^']+)' is (open|escalated|decided|rejected|expired|canceled)", async (world, groups, _) =>
        {
            Assert.Equal(groups[1], (await world.WaitAsync(groups[0])).GetProperty("state").GetString());
        }),
        Binding.To(@"'([^']+)' shows", async (world, groups, line) => Same(line.Document!, (await world.WaitAsync(groups[0])).GetProperty("shown"))),
        Binding.To(@"its child run of '([^']+)' (completed|failed) and saw", async (world, groups, line) =>
        {
            var runs = (await world.CallAsync("admin", HttpMethod.Get, $"/v1/executions?limit=200&workflow={groups[0]}")).Succeed(200);
            var child = Assert.Single(runs.GetProperty("items").EnumerateArray(), run => run.TryGetProperty("parent", out var parent) && parent.GetString() == world.Run);
            Assert.Equal(groups[1], child.GetProperty("status").GetString());
            Same(line.Document!, (await world.CallAsync("admin", HttpMethod.Get, $"/v1/executions/{child.GetProperty("id")}/context")).Succeed(200));
        }),
        Binding.To("the log is intact", async (world, _, _) =>
        {
            var verified = (await world.CallAsync("admin", HttpMethod.Post, "/v1/audit/verify")).Succeed(200);
            Assert.True(verified.GetProperty("intact").GetBoolean(), verified.ToString());
        }),
    ];

    private static async Task<JsonElement> EndAsync(World world, string status)
    {
        await world.FollowAsync(happened => Type(happened) is "run.completed" or "run.failed" or "run.canceled" or "run.parked");
        var run = (await world.CallAsync("admin", HttpMethod.Get, $"/v1/executions/{world.Run}")).Succeed(200);
        Assert.True(run.GetProperty("status").GetString() == status, $"The run is {run.GetProperty("status")}: {run}");
        return run;
    }

    private static async Task<List<JsonElement>> HistoryAsync(World world)
    {
        var page = (await world.CallAsync("admin", HttpMethod.Get, $"/v1/executions/{world.Run}/history?limit=200")).Succeed(200);
        return [.. page.GetProperty("items").EnumerateArray()];
    }

    private static void Same(string expected, JsonElement actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual.GetRawText())), $"It is {actual}");

    private static string? Type(JsonElement happened) => happened.GetProperty("type").GetString();

    private static string? Subject(JsonElement happened) => happened.TryGetProperty("subject", out var subject) ? subject.GetString() : null;

    private static string? StepOf(JsonElement entry) => entry.GetProperty("step").GetString();
}
