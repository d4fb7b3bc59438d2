using System.Text.Json;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>The fields of <see cref="ApiCallStep"/>.</summary>
internal static class ApiCallDeclaration
{
    private static readonly ChoiceType<string> Method = new(
        ("GET", "GET"), ("HEAD", "HEAD"), ("POST", "POST"), ("PUT", "PUT"), ("PATCH", "PATCH"), ("DELETE", "DELETE"));

    private static readonly ChoiceType<LargeNumbers> Numbers = new(("refuse", LargeNumbers.Refuse), ("text", LargeNumbers.Text));

    public static StepKind Kind { get; } = new StepKind<ApiCallStep>(
        "api_call",
        "Calls an HTTP interface.",
        StepTraits.Retries | StepTraits.TimeLimit | StepTraits.Effects | StepTraits.Compensation | StepTraits.Locks,
        () => new ApiCallStep(),
        shape => shape
            .Default("method", Method, "GET", s => s.Method, (s, v) => s with { Method = v }, "The HTTP method.")
            .Required("url", TemplateType.Url, s => s.Url, (s, v) => s with { Url = v }, "An absolute http or https URL; its origin must not come from a model, and each value inside it is percent-encoded. May hold secrets.")
            .Optional("headers", TemplateType.ExecutorObject, s => s.Headers, (s, v) => s with { Headers = v }, "Headers and their values. May hold secrets.")
            .Optional("query", TemplateType.ExecutorObject, s => s.Query, (s, v) => s with { Query = v }, "Parameters added to the URL's query. May hold secrets.")
            .Optional("body", TemplateType.ExecutorAny, s => s.Body, (s, v) => s with { Body = v }, "An object or a list is sent as JSON, an object under `Content-Type: application/x-www-form-urlencoded` as a form, a text as text. May hold secrets.")
            .Default("idempotent", FlagType.Instance, false, s => s.Idempotent, (s, v) => s with { Idempotent = v }, "Whether to send an `Idempotency-Key` made of run, path and visit.")
            .List("expect", new ListType<StatusMatch>(new StatusMatchType(), 1, 50), s => s.Expect, (s, v) => s with { Expect = v }, "Statuses that count as success; left out, 200 to 299.")
            .Default("large_numbers", Numbers, LargeNumbers.Refuse, s => s.LargeNumbers, (s, v) => s with { LargeNumbers = v }, "Numbers of the response that would be rounded, such as ids of 19 digits: `refuse` fails the step, `text` reads them as strings.")
            .OptionalValue("schema", SchemaType.Instance, s => s.Schema, (s, v) => s with { Schema = v }, "JSON Schema the response's body must satisfy.")
            .Rule(Check));

    private static void Check(ApiCallStep step, Node node, ReadContext context)
    {
        if (step.Body is not null && step.Method is "GET" or "HEAD" && node.Find("body") is { } body)
        {
            context.Problems.ErrorAtKey(ProblemCodes.FieldCombination, body, $"{step.Method} sends no body; did you mean 'method: POST'?");
        }

        if (step.Body is { } sent && step.Headers is { Source.ValueKind: JsonValueKind.Object } headers && node.Find("body") is { } at)
        {
            foreach (var header in headers.Source.EnumerateObject())
            {
                if (header.Name.Equals(ApiBody.ContentType, StringComparison.OrdinalIgnoreCase)
                    && header.Value.ValueKind == JsonValueKind.String
                    && ApiBody.Contradiction(sent.Source, header.Value.GetString()!) is { } contradiction)
                {
                    context.Problems.ErrorAtKey(ProblemCodes.FieldCombination, at, contradiction);
                }
            }
        }
    }
}
