using System.Text.Json;

namespace Countersign.Language;

/// <summary>Makes definitions in code. What it makes is what the same document would give: it is written, read and checked like one.</summary>
/// <example><code>
/// WorkflowBuilder workflow = new("greeting", "1.0.0");
/// workflow.AiGenerate("write", "Greet ${ input.name }.")
///     .Approval("check", role: "approver")
///     .ApiCall("send", "POST", "https://mail.example/send", step => step with { Body = "${ steps.write.output }" });
/// Definition definition = workflow.Build();
/// </code></example>
public sealed class WorkflowBuilder : BlockBuilder
{
    private DefinitionParts parts;

    /// <summary>Begins a workflow.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="version">Its version, such as <c>1.0.0</c>.</param>
    /// <exception cref="FormatException">The version is none.</exception>
    public WorkflowBuilder(string name, string version)
        => parts = new DefinitionParts { Language = LanguageVersion.Current, Name = name, Version = SemanticVersion.Parse(version) };

    private WorkflowBuilder(DefinitionParts parts)
    {
        this.parts = parts;
        Take(parts.Body);
    }

    /// <summary>Begins with what a definition holds.</summary>
    public static WorkflowBuilder From(Definition definition) => new(definition.Parts);

    /// <summary>Says what the workflow is for.</summary>
    public WorkflowBuilder Description(string description)
    {
        parts = parts with { Description = description };
        return this;
    }

    /// <summary>Gives the workflow another version.</summary>
    /// <exception cref="FormatException">The version is none.</exception>
    public WorkflowBuilder Version(string version)
    {
        parts = parts with { Version = SemanticVersion.Parse(version) };
        return this;
    }

    /// <summary>Declares the input.</summary>
    /// <param name="schema">A JSON Schema 2020-12.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public WorkflowBuilder Input(string schema)
    {
        parts = parts with { Input = Parse(schema) };
        return this;
    }

    /// <summary>Sets <c>context.static</c>.</summary>
    /// <param name="json">An object.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public WorkflowBuilder Static(string json)
    {
        parts = parts with { Static = Parse(json) };
        return this;
    }

    /// <summary>Sets the defaults of <c>context.profile</c>.</summary>
    /// <param name="json">An object.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public WorkflowBuilder Profile(string json)
    {
        parts = parts with { Profile = Parse(json) };
        return this;
    }

    /// <summary>Sets how large a run may become.</summary>
    public WorkflowBuilder Limits(RunLimits limits)
    {
        parts = parts with { Limits = limits };
        return this;
    }

    /// <summary>Sets the retry policy and the time limit of steps that name none.</summary>
    public WorkflowBuilder Defaults(RetryPolicy? retry = null, TimeSpan? timeout = null)
    {
        parts = parts with { Defaults = new StepDefaults { Retry = retry, Timeout = timeout } };
        return this;
    }

    /// <summary>Checks what was built and gives the definition. Places in problems are those of the JSON that it is written as.</summary>
    /// <exception cref="DefinitionException">It is not valid; all problems are in it.</exception>
    public Definition Build() => DefinitionReader.ReadValid(DefinitionWriter.Bytes(parts with { Body = ToBlock() }, indented: true).Span);

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
