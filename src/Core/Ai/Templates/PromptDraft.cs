using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Ai;

/// <summary>What a stored prompt says, before it has a version.</summary>
/// <param name="Prompt">The prompt, a template over <c>variables</c>.</param>
/// <param name="System">The system prompt, likewise; used where a step names none. Null for none.</param>
/// <param name="Description">What it is for, in people's words.</param>
public sealed record PromptDraft(string Prompt, string? System = null, string? Description = null)
{
    /// <summary>Most characters of each field: 60,000.</summary>
    public const int MostCharacters = 60_000;

    private static readonly TypeEnvironment Seen = new(("variables", CelType.Dyn));

    /// <summary>The content in its one form: what the hash is of.</summary>
    internal byte[] ToCanonical()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in Fields())
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return CanonicalJson.ToBytes(JsonElement.Parse(buffer.WrittenSpan));
    }

    /// <summary>Reads what <see cref="ToCanonical"/> wrote.</summary>
    internal static PromptDraft FromCanonical(ReadOnlySpan<byte> bytes)
    {
        var content = JsonElement.Parse(bytes);
        string? Text(string name) => content.TryGetProperty(name, out var value) ? value.GetString() : null;
        return new PromptDraft(Text("prompt")!, Text("system"), Text("description"));
    }

    /// <summary>What is wrong with it; nothing where it can be stored. Expressions may read <c>variables</c> alone and call no secrets.</summary>
    public ImmutableArray<FieldError> Check()
    {
        var errors = Fields()
            .Where(field => field.Value.Length > MostCharacters || (field.Value.Length == 0 && field.Name == "prompt") || DocumentReader.HasLoneSurrogate(field.Value))
            .Select(field => new FieldError("/" + field.Name, $"must have {(field.Name == "prompt" ? 1 : 0)} to {MostCharacters} characters, whole ones"))
            .ToImmutableArray();
        return errors.IsEmpty ? [.. Templates().SelectMany(Check)] : errors;
    }

    /// <summary>Compiles it.</summary>
    internal PromptTemplate Compile(string id, int version)
    {
        Template? Of(string? text) => text is null ? null : Template.FromText(text);
        return new PromptTemplate(id, version, Of(Prompt)!, Of(System));
    }

    private IEnumerable<(string Name, string Value)> Fields()
    {
        yield return ("prompt", Prompt);
        if (System is not null)
        {
            yield return ("system", System);
        }

        if (Description is not null)
        {
            yield return ("description", Description);
        }
    }

    private IEnumerable<(string Name, string Value)> Templates() => Fields().Where(field => field.Name != "description");

    private static IEnumerable<FieldError> Check((string Name, string Value) field)
    {
        ProblemList problems = new();
        var read = DocumentReader.ReadWritten($"[{JsonSerializer.Serialize(field.Value, PromptJson.Default.String)}]", problems);
        var template = read is null ? null : Template.Read(read.Children[0], ExpressionFunctions.None, problems);
        var wrong = template?.Expressions.SelectMany(expression => expression
            .Check(Seen, out _)
            .Select(error => $"In '{TemplateParser.Shortened(expression.Source)}' at {error.Line}:{error.Column}: {error.Message} A stored prompt sees 'variables' alone; the step hands over what it needs.")) ?? [];
        return
        [
            .. problems.Sorted().Select(problem => new FieldError("/" + field.Name, problem.Message)),
            .. wrong.Select(message => new FieldError("/" + field.Name, message)),
        ];
    }
}
