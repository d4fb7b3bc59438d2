using System.Text.Json;
using Countersign.Schemas.Compilation;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Values;

namespace Countersign.Schemas;

/// <summary>
/// A compiled JSON Schema of draft 2020-12. Immutable: one instance serves any number of threads. Validation is a pure
/// function of schema and instance; what it may cost is bounded by <see cref="SchemaOptions"/>.
/// </summary>
public sealed class JsonSchema
{
    private readonly SchemaNode root;
    private readonly SchemaOptions options;
    private readonly bool tracksScope;
    private readonly SchemaDefaults? defaults;

    private JsonSchema(JsonElement document, SchemaNode root, SchemaOptions options, bool tracksScope)
    {
        Document = document;
        this.root = root;
        this.options = options;
        this.tracksScope = tracksScope;
        defaults = SchemaDefaults.Of(document);
    }

    /// <summary>The schema as it was given; a copy that needs no disposal.</summary>
    public JsonElement Document { get; }

    /// <summary>Compiles a schema.</summary>
    /// <param name="schema">An object, <c>true</c> or <c>false</c>; copied.</param>
    /// <param name="options">Default: <see cref="SchemaOptions.Default"/>.</param>
    /// <exception cref="SchemaException">The schema is not valid 2020-12, refers to what is not there, or exceeds a bound.</exception>
    public static JsonSchema Compile(JsonElement schema, SchemaOptions? options = null) =>
        TryCompile(schema, options, out JsonSchema? compiled, out IReadOnlyList<SchemaProblem> problems)
            ? compiled
            : throw new SchemaException([.. problems]);

    /// <summary>Compiles a schema, or tells everything that is wrong with it.</summary>
    /// <param name="schema">An object, <c>true</c> or <c>false</c>; copied.</param>
    /// <param name="options">Default: <see cref="SchemaOptions.Default"/>.</param>
    /// <param name="compiled">The schema, where there are no problems.</param>
    /// <param name="problems">Empty exactly when the schema compiled; at most <see cref="SchemaOptions.MaxErrors"/>.</param>
    public static bool TryCompile(
        JsonElement schema,
        SchemaOptions? options,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonSchema? compiled,
        out IReadOnlyList<SchemaProblem> problems) =>
        TryCompile(schema, options, checkMeta: true, out compiled, out problems);

    /// <summary>
    /// Adds to an instance the <c>default</c> of each member that it leaves out, where <c>properties</c> (also below <c>items</c>,
    /// <c>prefixItems</c>, <c>allOf</c> and references into the same document) declare one. The instance is not validated: do that afterwards.
    /// </summary>
    /// <param name="instance">Any JSON value.</param>
    /// <returns>The instance itself where the schema declares no default, else a copy.</returns>
    public JsonElement FillDefaults(JsonElement instance)
    {
        Require(instance);
        return defaults?.Fill(instance) ?? instance;
    }

    /// <summary>Whether an instance obeys the schema: as <see cref="Validate"/>, but it stops at the first broken rule and allocates next to nothing.</summary>
    /// <param name="instance">Any JSON value.</param>
    /// <returns><c>false</c> also where a limit ended the check.</returns>
    public bool IsValid(JsonElement instance)
    {
        Require(instance);
        return Answers(instance, out _);
    }

    /// <summary>Checks an instance and tells every broken rule.</summary>
    /// <param name="instance">Any JSON value.</param>
    public SchemaResult Validate(JsonElement instance)
    {
        Require(instance);

        // The plain answer decides, so that collecting errors can never change it.
        if (Answers(instance, out LimitReachedException? ended))
        {
            return SchemaResult.Success;
        }

        var run = new EvaluationRun(options, tracksScope);
        if (ended?.Code == SchemaCodes.StepLimit)
        {
            // Nothing was broken so far, so a second pass would do all that work again to say the same.
            Trace.Root.Report(run, root, ended);
            return new SchemaResult([.. run.Errors], run.ErrorsFull);
        }

        try
        {
            root.Evaluate(instance, run, null, Trace.Root);
        }
        catch (LimitReachedException limit)
        {
            (limit.At ?? Trace.Root).Report(run, root, limit);
        }

        return new SchemaResult([.. run.Errors], run.Truncated || run.ErrorsFull);
    }

    private bool Answers(JsonElement instance, out LimitReachedException? ended)
    {
        ended = null;
        try
        {
            return root.Evaluate(instance, new EvaluationRun(options, tracksScope), null, null);
        }
        catch (LimitReachedException limit)
        {
            ended = limit;
            return false;
        }
    }

    internal static bool TryCompile(
        JsonElement schema,
        SchemaOptions? options,
        bool checkMeta,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JsonSchema? compiled,
        out IReadOnlyList<SchemaProblem> problems)
    {
        Require(schema);
        SchemaOptions used = options ?? SchemaOptions.Default;
        used.Check();
        var compiler = new SchemaCompiler(used);
        JsonElement document = schema.Clone();
        SchemaNode? root = compiler.Compile(document, checkMeta);
        compiled = root is null ? null : new JsonSchema(document, root, used, compiler.TracksScope);
        problems = compiler.Problems.ToArray();
        return compiled is not null;
    }

    private static void Require(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Undefined)
        {
            throw new ArgumentException("There is no JSON value here.", nameof(element));
        }
    }
}
