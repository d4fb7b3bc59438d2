using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Orchestration;
using Countersign.Steps;

namespace Countersign.Core.Tests.Steps;

/// <summary>Executions of steps of a definition that is read as a user's would be.</summary>
internal static class Executions
{
    public const string Run = "0198f00d0000700080000000000000aa";

    /// <summary>An execution of the step <c>it</c>, whose fields are given as the lines of a YAML mapping.</summary>
    public static StepExecution Of(string type, string fields, string input = "{}", int attempt = 1, int visit = 1, string tenant = "acme")
    {
        var lines = string.Join('\n', fields.Split('\n').Select(line => "    " + line));
        var text = $$"""
            language: "1.0"
            name: test
            version: 1.0.0
            start: it
            steps:
              - id: it
                type: {{type}}
            """ + "\n" + lines + "\n";
        var read = DefinitionReader.Read(text);
        Assert.True(read.Definition is not null, string.Join('\n', read.Problems));
        return new StepExecution
        {
            Run = new RunIdentity(tenant, Run),
            Ref = new StepRef("it", visit, attempt),
            Number = 1,
            Step = read.Definition.FindStep("it")!,
            Definition = read.Definition,
            Scope = new ExpressionScope(("input", CelValue.FromJson(JsonElement.Parse(input)))),
        };
    }

    /// <summary>Executes, and gives what was noted on the way as entries of the result.</summary>
    public static async Task<ExecutorResult> NotedAsync(this IStepExecutor executor, StepExecution execution, CancellationToken cancellationToken = default)
    {
        var noted = new List<ExecutorEntry>();
        var result = await executor.ExecuteAsync(execution with { Note = noted.Add }, cancellationToken);
        return result with { Entries = [.. noted, .. result.Entries] };
    }

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
