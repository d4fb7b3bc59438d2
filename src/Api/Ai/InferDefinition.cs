using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Api.Problems;
using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Api.Ai;

/// <summary>Makes a question into a definition of one step, so that everything about it is checked by the one reader, with its codes.</summary>
internal static class InferDefinition
{
    /// <summary>The step's id.</summary>
    public const string Step = "ask";

    private const string At = "/steps/0";

    /// <summary>The definition; its expressions read <see cref="InputOf"/> and hold nothing of what was sent.</summary>
    /// <exception cref="ApiException">What is asked is not of the form.</exception>
    public static Definition Of(InferBody body)
    {
        var step = new JsonObject { ["id"] = Step, ["type"] = "ai_generate", ["repair"] = body.Repair };
        void Set(string name, JsonNode? value)
        {
            if (value is not null)
            {
                step[name] = value;
            }
        }

        Set("prompt", body.Prompt is null ? null : "${ input.prompt }");
        Set("template", body.Template is null ? null : new JsonObject { ["id"] = body.Template.Id });
        if (body.Template?.Version is { } version)
        {
            step["template"]!["version"] = version;
        }

        Set("variables", Variables(body));
        Set("system", body.System is null ? null : "${ input.system }");
        Set("schema", body.Schema is { } schema ? JsonNode.Parse(schema.GetRawText()) : null);
        Set("provider", body.Provider);
        Set("model", body.Model);
        Set("temperature", body.Temperature);
        Set("max_tokens", body.MaxTokens);
        var document = new JsonObject
        {
            ["language"] = "1.0", ["name"] = "infer", ["version"] = "1.0.0", ["start"] = Step, ["steps"] = new JsonArray(step),
        };
        var read = DefinitionReader.Read(JsonSerializer.SerializeToUtf8Bytes<JsonNode>(document));
        return read.Definition ?? throw new ApiException(
            "request.body-invalid", 400, "What is asked is not of the form; see the errors.",
            [.. read.Problems.Select(problem => new FieldError(PointerOf(problem.Pointer), $"{problem.Code}: {problem.Message}"))]);
    }

    /// <summary>What the definition's expressions read.</summary>
    public static JsonElement InputOf(InferBody body)
    {
        var input = new JsonObject { ["prompt"] = body.Prompt, ["system"] = body.System };
        if (body.Variables is { } variables)
        {
            input["variables"] = JsonNode.Parse(variables.GetRawText());
        }

        return JsonSerializer.SerializeToElement<JsonNode>(input);
    }

    private static JsonObject? Variables(InferBody body)
    {
        if (body.Variables is not { } variables)
        {
            return null;
        }

        if (variables.ValueKind != JsonValueKind.Object)
        {
            throw new ApiException("request.body-invalid", 400, "What is asked is not of the form; see the errors.", [new FieldError("/variables", "must be an object")]);
        }

        var made = new JsonObject();
        foreach (var name in variables.EnumerateObject().Select(member => member.Name))
        {
            // The name goes into an expression; nothing else of what was sent does.
            made[name] = name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !char.IsAsciiDigit(name[0])
                ? $"${{ input.variables.{name} }}"
                : throw new ApiException(
                    "request.body-invalid", 400, "What is asked is not of the form; see the errors.", [new FieldError("/variables", "must have names of 1 to 64 letters, digits and '_', the first no digit")]);
        }

        return made;
    }

    private static string PointerOf(string pointer) =>
        pointer.StartsWith(At, StringComparison.Ordinal) ? pointer[At.Length..].Replace("/max_tokens", "/maxTokens", StringComparison.Ordinal) : pointer;
}
