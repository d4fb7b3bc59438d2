using System.Collections.Frozen;

namespace Countersign.Expressions;

/// <summary>The names that a scope will have, with what is known of their types: what the static check goes by.</summary>
public sealed class TypeEnvironment
{
    private readonly FrozenDictionary<string, CelType> _types;

    /// <summary>An environment of these names.</summary>
    public TypeEnvironment(IEnumerable<KeyValuePair<string, CelType>> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        _types = types.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>An environment of these names.</summary>
    public TypeEnvironment(params IEnumerable<(string Name, CelType Type)> types)
        : this(types.Select(pair => KeyValuePair.Create(pair.Name, pair.Type)))
    {
    }

    /// <summary>The names, in order.</summary>
    public IEnumerable<string> Names => _types.Keys.Order(StringComparer.Ordinal);

    /// <summary>The same environment with one more name, or another type for it.</summary>
    public TypeEnvironment With(string name, CelType type) =>
        new(_types.Where(pair => pair.Key != name).Append(KeyValuePair.Create(name, type)));

    /// <summary>Finds the type of a name.</summary>
    public bool TryGet(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CelType? type) => _types.TryGetValue(name, out type);
}
