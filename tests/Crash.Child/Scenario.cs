using System.Text.Json;
using Countersign.Access;
using Countersign.Host;
using Countersign.Language;
using Countersign.Orchestration;
using Countersign.People;
using Countersign.Workflows;

namespace Countersign.Crash;

/// <summary>What is killed again and again: every way in which a run touches journal and outside world, in one run.</summary>
public static class Scenario
{
    /// <summary>The tenant.</summary>
    public const string Tenant = "crash";

    /// <summary>Runs it to its end, from wherever it was left.</summary>
    public static async Task<RunRow> RunAsync(LocalHost host, string remote)
    {
        var alice = new Principal(Tenant, "alice", [Role.Engineer]);
        foreach (var definition in Definitions(remote))
        {
            await host.Core.Workflows.SaveAsync(alice, definition, new SaveRequest("save-" + definition.Hash));
        }

        var started = await host.Api.Starts.StartAsync(
            alice, new StartRequest { Workflow = "crash", Input = JsonElement.Parse("""{"items":[1,2,3]}"""), IdempotencyKey = "the-one-run" });
        var run = new RunIdentity(Tenant, started.Run.Id);
        while (true)
        {
            if ((await host.Core.Rows.ReadAsync(run)).Run is { IsEnded: true } ended)
            {
                return ended;
            }

            if (await host.Api.Waits.FindAsync(run, "approve:1:1") is { IsOpen: true } wait)
            {
                await host.Api.Approvals.DecideAsync(new Principal(Tenant, "bob", [Role.Approver]), wait.Id, new Decision(true, wait.Shown!.Hash, null));
            }

            await Task.Delay(5);
        }
    }

    /// <summary>The definitions, calling a remote side.</summary>
    public static IEnumerable<Definition> Definitions(string remote) =>
    [
        Read("""
            language: "1.0"
            name: crash-child
            version: 1.0.0
            start: work
            steps:
              - { id: work, type: api_call, method: POST, url: "$remote/child", idempotent: true }
            output: "${ input.n * 2.0 }"
            """, remote),
        Read("""
            language: "1.0"
            name: crash
            version: 1.0.0
            defaults: { retry: { attempts: 5, backoff: fixed, initial: 1ms, max: 1ms } }
            start: note
            steps:
              - { id: note, type: set, values: { n: 21 }, next: first }
              - { id: first, type: api_call, method: POST, url: "$remote/first", idempotent: true, next: flaky }
              - { id: flaky, type: api_call, method: POST, url: "$remote/flaky", idempotent: true, next: fan }
              - id: fan
                type: parallel
                branches:
                  - { name: left, start: l, steps: [ { id: l, type: api_call, method: POST, url: "$remote/left", idempotent: true } ], output: left }
                  - { name: right, start: r, steps: [ { id: r, type: api_call, method: POST, url: "$remote/right", idempotent: true } ], output: right }
                next: approve
              - { id: approve, type: approval, approvers: { role: approver }, show: { n: "${ context.runtime.n }" }, expires: 1h, next: each }
              - id: each
                type: foreach
                items: "${ input.items }"
                concurrency: 2
                start: item
                steps: [ { id: item, type: api_call, method: POST, url: "$remote/item", body: { n: "${ item }" }, idempotent: true } ]
                output: "${ item * 10.0 }"
                next: call
              - { id: call, type: call_workflow, workflow: crash-child, input: { n: "${ context.runtime.n }" }, next: pause }
              - { id: pause, type: wait, for: 50ms, next: emit }
              - { id: emit, type: emit, event: custom.emitted, data: { n: "${ steps.call.output }" }, next: last }
              - { id: last, type: api_call, method: POST, url: "$remote/last", idempotent: true }
            output: { each: "${ steps.each.output }", child: "${ steps.call.output }" }
            """, remote),
    ];

    private static Definition Read(string yaml, string remote) =>
        DefinitionReader.Read(yaml.Replace("$remote", remote, StringComparison.Ordinal)) is { Definition: { } definition }
            ? definition
            : throw new InvalidOperationException(string.Join('\n', DefinitionReader.Read(yaml).Problems));
}
