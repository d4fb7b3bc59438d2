using System.Collections.Frozen;

namespace Countersign.Expressions;

/// <summary>A function that a host adds to the language.</summary>
public sealed class ExpressionFunction
{
    private readonly Func<IExpressionScope, CelValue[], CelValue>? _body;

    /// <summary>A function of its arguments alone.</summary>
    /// <param name="name">The name, which may have dots, as in <c>text.slug</c>.</param>
    /// <param name="arity">How many arguments it takes, 0 to 32.</param>
    /// <param name="body">
    /// Computes the value; it must be deterministic and free of side effects. It fails by throwing
    /// <see cref="ExpressionException"/>. Arguments are never errors.
    /// </param>
    public ExpressionFunction(string name, int arity, Func<CelValue[], CelValue> body)
        : this(name, arity, (_, arguments) => body(arguments)) => ArgumentNullException.ThrowIfNull(body);

    /// <summary>
    /// A function that also sees the scope it is called in, so that an expression parsed once can reach what belongs to
    /// one run, as <c>secret('name')</c> does.
    /// </summary>
    /// <param name="name">The name, which may have dots.</param>
    /// <param name="arity">How many arguments it takes, 0 to 32.</param>
    /// <param name="body">
    /// Computes the value, as above; <c>null</c> declares a function that only other hosts resolve: calling it here is
    /// <c>expression.unknown-function</c>, while the static check knows it.
    /// </param>
    public ExpressionFunction(string name, int arity, Func<IExpressionScope, CelValue[], CelValue>? body)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegative(arity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(arity, 32);
        Name = name;
        Arity = arity;
        _body = body;
    }

    /// <summary>The name it is called by.</summary>
    public string Name { get; }

    /// <summary>How many arguments it takes.</summary>
    public int Arity { get; }

    /// <summary>The types of the arguments for the static check; default: anything.</summary>
    public IReadOnlyList<CelType>? Parameters { get; init; }

    /// <summary>The type of the result for the static check; default: anything.</summary>
    public CelType Returns { get; init; } = CelType.Dyn;

    internal CelValue Invoke(IExpressionScope scope, CelValue[] arguments) => _body is null
        ? throw new ExpressionException(ExpressionErrorCodes.UnknownFunction, $"{Name}() is not available here")
        : _body(scope, arguments);
}

/// <summary>An immutable table of host functions, given when an expression is parsed.</summary>
public sealed class ExpressionFunctions
{
    private readonly FrozenDictionary<(string, int), ExpressionFunction> _table;
    private readonly FrozenSet<string> _names;

    /// <summary>A table of the given functions.</summary>
    /// <exception cref="ArgumentException">Two functions have the same name and number of arguments, or one is built in.</exception>
    public ExpressionFunctions(params ReadOnlySpan<ExpressionFunction> functions)
    {
        var table = new Dictionary<(string, int), ExpressionFunction>();
        foreach (var function in functions)
        {
            if (FunctionTable.IsBuiltIn(function.Name))
            {
                throw new ArgumentException($"The function {function.Name} is built in.", nameof(functions));
            }

            if (!table.TryAdd((function.Name, function.Arity), function))
            {
                throw new ArgumentException($"The function {function.Name} with {function.Arity} arguments is given twice.", nameof(functions));
            }
        }

        _table = table.ToFrozenDictionary();
        _names = table.Keys.Select(key => key.Item1).ToFrozenSet();
    }

    /// <summary>No functions but the built-in ones.</summary>
    public static ExpressionFunctions None { get; } = new();

    internal ExpressionFunction? Find(string name, int arity) => _table.GetValueOrDefault((name, arity));

    internal bool Knows(string name) => _names.Contains(name);
}
