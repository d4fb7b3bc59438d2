using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;

namespace Countersign.Orchestration;

/// <summary>
/// What expressions of a step may read: <c>input</c>, <c>steps.&lt;id&gt;.output</c>, <c>context.static|profile|runtime</c>, <c>errors.&lt;id&gt;</c>, <c>item</c>,
/// <c>index</c>, <c>run.id</c> and <c>run.started</c>.
/// </summary>
public sealed class RunScope : IExpressionScope
{
    private readonly RunIdentity run;
    private readonly ScopeValues values;
    private readonly Definition definition;
    private readonly IReadOnlyDictionary<RunValue, JsonElement>? loaded;

    private RunScope(RunIdentity run, ScopeValues values, Definition definition, IReadOnlyDictionary<RunValue, JsonElement>? loaded)
    {
        (this.run, this.values, this.definition, this.loaded) = (run, values, definition, loaded);
    }

    /// <summary>A scope whose values are all inline.</summary>
    public static RunScope Inline(RunIdentity run, ScopeValues values, Definition definition) => new(run, values, definition, null);

    /// <summary>A scope whose large values are read from the artifact store first.</summary>
    public static ValueTask<RunScope> LoadAsync(
        RunIdentity run, ScopeValues values, Definition definition, RunValues store, CancellationToken cancellationToken) =>
        IsAtHand(values) ? new(Inline(run, values, definition)) : ReadAsync(run, values, definition, store, cancellationToken);

    /// <summary>Whether every value is at hand without a read.</summary>
    public static bool IsAtHand(ScopeValues values) =>
        values.Input is not { IsInline: false } && values.Profile is not { IsInline: false } && values.Item is not { IsInline: false }
        && AreInline(values.Steps) && AreInline(values.Runtime) && AreInline(values.Errors);

    /// <inheritdoc/>
    public bool TryResolve(string name, out CelValue value)
    {
        switch (name)
        {
            case "input" when values.Input is { } input:
                value = Read(input);
                return true;
            case "steps":
                value = CelValue.Map(new StepsMap(this));
                return true;
            case "errors":
                value = CelValue.Map(new ValuesMap(this, values.Errors));
                return true;
            case "context":
                value = CelValue.Map(new ContextMap(this));
                return true;
            case "item" when values.Item is { } item:
                value = Read(item);
                return true;
            case "index" when values.Index is { } index:
                value = CelValue.Int(index);
                return true;
            case "run":
                value = CelValue.Map(
                [
                    new(CelValue.String("id"), CelValue.String(run.Id)),
                    new(CelValue.String("started"), CelValue.Timestamp(values.Started)),
                ]);
                return true;
            default:
                value = default;
                return false;
        }
    }

    private static async ValueTask<RunScope> ReadAsync(
        RunIdentity run, ScopeValues values, Definition definition, RunValues store, CancellationToken cancellationToken)
    {
        var loaded = new Dictionary<RunValue, JsonElement>();
        foreach (var value in All(values))
        {
            if (!value.IsInline)
            {
                loaded[value] = await store.LoadAsync(run.Tenant, value, cancellationToken);
            }
        }

        return new RunScope(run, values, definition, loaded);
    }

    private static bool AreInline(ImmutableSortedDictionary<string, RunValue> named)
    {
        // Most steps refer to few values or none: an enumerator would cost more than the look.
        if (named.IsEmpty)
        {
            return true;
        }

        foreach (var (_, value) in named)
        {
            if (!value.IsInline)
            {
                return false;
            }
        }

        return true;
    }

    private static IEnumerable<RunValue> All(ScopeValues values)
    {
        IEnumerable<RunValue?> single = [values.Input, values.Profile, values.Item];
        return single.OfType<RunValue>().Concat(values.Steps.Values).Concat(values.Runtime.Values).Concat(values.Errors.Values);
    }

    private CelValue Read(RunValue value) => CelValue.FromJson(value.Inline ?? loaded![value]);

    private sealed class StepsMap(RunScope scope) : CelMap
    {
        public override int Count => scope.values.Steps.Count;

        public override IEnumerable<CelValue> Keys => scope.values.Steps.Keys.Select(CelValue.String);

        public override bool TryGet(string name, out CelValue value)
        {
            if (scope.values.Steps.TryGetValue(name, out var output))
            {
                value = CelValue.Map(new StepMap(scope, output));
                return true;
            }

            value = default;
            return false;
        }
    }

    private sealed class StepMap(RunScope scope, RunValue output) : CelMap
    {
        private static readonly CelValue[] Names = [CelValue.String("output"), CelValue.String("response")];

        public override int Count => output.Response is null ? 1 : 2;

        public override IEnumerable<CelValue> Keys => Names.Take(Count);

        public override bool TryGet(string name, out CelValue value)
        {
            (var found, value) = name switch
            {
                "output" => (true, scope.Read(output)),
                "response" when output.Response is { } response => (true, CelValue.FromJson(response)),
                _ => (false, default),
            };
            return found;
        }
    }

    private sealed class ContextMap(RunScope scope) : CelMap
    {
        private static readonly CelValue[] Names = [CelValue.String("static"), CelValue.String("profile"), CelValue.String("runtime")];

        public override int Count => Names.Length;

        public override IEnumerable<CelValue> Keys => Names;

        public override bool TryGet(string name, out CelValue value)
        {
            value = name switch
            {
                "static" => CelValue.FromJson(scope.definition.Static),
                "profile" => CelValue.FromJson(scope.values.Profile is null ? scope.definition.Profile : scope.values.Profile.Inline ?? scope.loaded![scope.values.Profile]),
                "runtime" => CelValue.Map(new ValuesMap(scope, scope.values.Runtime)),
                _ => default,
            };
            return name is "static" or "profile" or "runtime";
        }
    }

    private sealed class ValuesMap(RunScope scope, ImmutableSortedDictionary<string, RunValue> named) : CelMap
    {
        public override int Count => named.Count;

        public override IEnumerable<CelValue> Keys => named.Keys.Select(CelValue.String);

        public override bool TryGet(string name, out CelValue value)
        {
            var found = named.TryGetValue(name, out var written);
            value = found ? scope.Read(written!) : default;
            return found;
        }
    }
}
