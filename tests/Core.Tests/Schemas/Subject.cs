using System.Text.Json;
using Countersign.Schemas;

namespace Countersign.Core.Tests.Schemas;

/// <summary>Short forms for tests: schemas and instances as text.</summary>
internal static class Subject
{
    public static JsonElement Json(string text) => JsonElement.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });

    public static JsonSchema Schema(string text, SchemaOptions? options = null) => JsonSchema.Compile(Json(text), options);

    /// <summary>The verdict, on which the plain answer and the list of errors must agree.</summary>
    public static bool Accepts(string schema, string instance, SchemaOptions? options = null)
    {
        JsonSchema compiled = Schema(schema, options);
        bool valid = compiled.IsValid(Json(instance));
        Assert.Equal(valid, compiled.Validate(Json(instance)).Valid);
        return valid;
    }

    public static SchemaError OnlyError(string schema, string instance, SchemaOptions? options = null) =>
        Assert.Single(Schema(schema, options).Validate(Json(instance)).Errors);

    public static IReadOnlyList<SchemaProblem> Problems(string schema, SchemaOptions? options = null)
    {
        Assert.False(JsonSchema.TryCompile(Json(schema), options, out JsonSchema? compiled, out IReadOnlyList<SchemaProblem> problems));
        Assert.Null(compiled);
        Assert.NotEmpty(problems);
        return problems;
    }

    public static string ProblemCode(string schema, SchemaOptions? options = null) => Assert.Single(Problems(schema, options)).Code;
}
