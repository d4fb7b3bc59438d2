using System.Text.Json;
using System.Text.Json.Nodes;

namespace Countersign.Histories.Tests.Journals;

/// <summary>
/// Journals that earlier builds wrote are opened by this build: every run that waited comes to its end. A journal that is recorded is never
/// changed and never deleted.
/// </summary>
public sealed class JournalTests
{
    public static TheoryData<string> Names => [.. Recording.Names()];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Open_JournalOfAnEarlierBuild_EndsAllRunsThatWaited(string name)
    {
        var recording = Recording.Read(name);
        using var copy = new JournalCopy(Recording.DataOf(name));
        await using var client = await OpenAsync(copy, recording, TimeSpan.FromHours(1));
        foreach (var run in recording.Runs)
        {
            foreach (var action in run.After)
            {
                await client.ActAsync(run.Id, action);
            }

            var view = await client.UntilAsync(run.Id, JournalClient.HasEnded);
            Assert.True(run.Status == view.GetProperty("status").GetString(), $"{run.Workflow}: {view}");
            AssertSame(run, run.Output, view, "output");
            Assert.Equal(run.Error, view.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? error.GetProperty("type").GetString() : null);
        }

        Assert.True((await client.PostAsync("/v1/audit/verify")).GetProperty("intact").GetBoolean());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Replay_RunsOfAnEarlierBuild_ShowTheContextThatWasRecorded(string name)
    {
        var recording = Recording.Read(name);
        using var copy = new JournalCopy(Recording.DataOf(name));
        await using var client = await OpenAsync(copy, recording, TimeSpan.Zero);
        foreach (var run in recording.Runs.Where(run => run.Context is not null))
        {
            var now = JsonNode.Parse((await client.GetAsync($"/v1/executions/{run.Id}/context")).GetRawText());
            Assert.True(JsonNode.DeepEquals(run.Context, now), $"{run.Workflow}\nrecorded: {run.Context!.ToJsonString()}\nnow: {now!.ToJsonString()}");
        }
    }

    /// <summary>Records a journal: COUNTERSIGN_RECORD_JOURNAL names it. Done once before a change of what is stored, and then committed.</summary>
    [RecordingFact]
    public async Task Record_ByTheScript_WritesANewJournal()
    {
        var name = RecordingFactAttribute.Name!;
        Assert.DoesNotContain(name, Recording.Names());
        var script = JsonSerializer.Deserialize<ScriptRun[]>(await File.ReadAllTextAsync(Repository.Golden("Journals", "script.json")), Recording.Json)!;
        var recorded = new List<ScriptRun>();
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        await using (var client = await JournalClient.OpenAsync(Recording.DataOf(name), TimeProvider.System))
        {
            await client.AddPeopleAsync(("bob", "approver"), ("carol", "approver"), ("dan", "approver"), ("erin", "engineer"));
            foreach (var file in Directory.EnumerateFiles(Repository.Golden("Journals", "Workflows")).Order(StringComparer.Ordinal))
            {
                await client.SaveAsync(await File.ReadAllTextAsync(file));
            }

            foreach (var run in script)
            {
                var id = await client.StartAsync(run.Workflow, run.Input);
                var reached = await client.UntilAsync(id, status => status == "waiting" || JournalClient.HasEnded(status));
                Assert.True(reached.GetProperty("status").GetString() == (run.Ends ? run.Status : "waiting"), $"{run.Workflow}: {reached}");
                foreach (var action in run.Before)
                {
                    await client.ActAsync(id, action);
                }

                recorded.Add(run with { Id = id });
            }

            for (var at = 0; at < recorded.Count; at++)
            {
                recorded[at] = recorded[at] with { Context = JsonNode.Parse((await client.GetAsync($"/v1/executions/{recorded[at].Id}/context")).GetRawText()) };
            }

            foreach (var (person, key) in client.Keys)
            {
                keys.Add(person, key);
            }
        }

        File.Delete(Path.Combine(Recording.DataOf(name), "host.owner"));
        File.Delete(Path.Combine(Recording.DataOf(name), "host.lock"));
        await File.WriteAllTextAsync(Repository.Golden("Journals", name, "recording.json"), JsonSerializer.Serialize(new Recording(TimeProvider.System.GetUtcNow(), keys, [.. recorded]), Recording.Json));
    }

    private static async Task<JournalClient> OpenAsync(JournalCopy copy, Recording recording, TimeSpan later)
    {
        var client = await JournalClient.OpenAsync(copy.Path, new ShiftedTime(recording.Closed + later));
        foreach (var (person, key) in recording.Keys)
        {
            client.Keys[person] = key;
        }

        return client;
    }

    private static void AssertSame(ScriptRun run, JsonNode? expected, JsonElement view, string member)
    {
        if (expected is not null)
        {
            var found = view.TryGetProperty(member, out var value) ? JsonNode.Parse(value.GetRawText()) : null;
            Assert.True(JsonNode.DeepEquals(expected, found), $"{run.Workflow}: the {member} is {found?.ToJsonString()}, and was to be {expected.ToJsonString()}");
        }
    }
}
