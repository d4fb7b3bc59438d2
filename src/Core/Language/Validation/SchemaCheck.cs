using System.Text.Json;
using Countersign.Schemas;

namespace Countersign.Language;

/// <summary>Compiles the schemas of a document, so that each is compiled once and what is wrong with one is known before any run.</summary>
internal static class SchemaCheck
{
    private static readonly SchemaOptions Options = new() { AssertFormats = true };

    /// <summary>Compiles every schema, those of forms with typed fields included.</summary>
    /// <returns>By the id of the step; under the empty id the schema of the input.</returns>
    public static Dictionary<string, JsonSchema> Compile(ReadContext context)
    {
        Dictionary<string, JsonSchema> compiled = new(StringComparer.Ordinal);
        foreach (SchemaSite site in context.Schemas)
        {
            if (JsonSchema.TryCompile(site.Schema, null, out JsonSchema? schema, out IReadOnlyList<SchemaProblem> problems))
            {
                compiled[site.Step?.Id ?? ""] = schema;
                continue;
            }

            foreach (SchemaProblem problem in problems)
            {
                context.Problems.Error(ProblemCodes.BadSchema, site.Node.Nearest(Node.Tokens(problem.Pointer)), $"Not a schema of JSON Schema 2020-12: {problem.Message} ({problem.Code})");
            }
        }

        foreach (StepSite site in context.Steps)
        {
            // Formats are a rule where the product itself asks for a date or an address, and a remark in schemas that people write.
            if (!compiled.ContainsKey(site.Id)
                && site.Step?.SubmissionSchema is { } own
                && JsonSchema.TryCompile(own, Options, out JsonSchema? schema, out _))
            {
                compiled[site.Id] = schema;
            }
        }

        return compiled;
    }
}
