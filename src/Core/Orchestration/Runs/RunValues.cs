using System.Runtime.InteropServices;
using System.Text.Json;
using Countersign.Artifacts;
using Countersign.Canonical;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Turns JSON into <see cref="RunValue"/>s and back: small ones inline, larger ones as artifacts.</summary>
public sealed class RunValues(IArtifactStore artifacts)
{
    private static readonly JsonElement Null = JsonElement.Parse("null"u8);
    private volatile KeptList? newest;

    /// <summary>Packs a value that is known to be small, without touching the store.</summary>
    public static RunValue Inline(JsonElement value)
    {
        var (hash, length) = CanonicalJson.HashOf(value);
        return new RunValue { Inline = value, Hash = hash.ToString(), Length = length };
    }

    /// <summary>Packs a value that is inline without doubt, without touching the store; null where that takes a closer look.</summary>
    /// <exception cref="CanonicalJsonException">The value has no canonical form; see <see cref="PackAsync"/>.</exception>
    internal static RunValue? TryInline(JsonElement value) =>
        JsonMarshal.GetRawUtf8Value(value).Length <= RunValue.InlineLimit && Inline(value) is { Length: <= RunValue.InlineLimit } packed ? packed : null;

    /// <summary>Packs a value; one over <see cref="RunValue.InlineLimit"/> is stored as an artifact first.</summary>
    /// <exception cref="CanonicalJsonException">The value has no canonical form: a number that a double cannot hold, a lone surrogate.</exception>
    public async ValueTask<RunValue> PackAsync(string tenant, JsonElement value, CancellationToken cancellationToken = default)
    {
        if (TryInline(value) is { } small)
        {
            return small;
        }

        var bytes = CanonicalJson.ToBytes(value);
        var hash = Hash256.Of(bytes).ToString();
        if (bytes.Length <= RunValue.InlineLimit)
        {
            // Spelled out at greater length than it has to be: escapes, or blanks between its parts.
            return new RunValue { Inline = JsonElement.Parse(bytes), Hash = hash, Length = bytes.Length };
        }

        await artifacts.PutAsync(tenant, hash, bytes, cancellationToken);
        return new RunValue { Hash = hash, Length = bytes.Length, Count = value.ValueKind is JsonValueKind.Array ? value.GetArrayLength() : null };
    }

    /// <summary>How many elements a list has.</summary>
    public static int CountOf(RunValue list) => list.Inline?.GetArrayLength() ?? list.Count!.Value;

    /// <summary>An element of a list, at hand where the list is.</summary>
    public static RunValue ElementOf(RunValue list, int index) =>
        list.Inline is { } inline ? Inline(inline[index]) : list.Bare with { Count = null, Element = index };

    /// <summary>The value itself.</summary>
    /// <exception cref="StepValueLostException">The artifact that holds it is gone: it expired or was erased.</exception>
    public async ValueTask<JsonElement> LoadAsync(string tenant, RunValue? value, CancellationToken cancellationToken = default)
    {
        if (value is null)
        {
            return Null;
        }

        if (value.Inline is { } inline)
        {
            return inline;
        }

        if (value.Element is not { } element)
        {
            return await ReadAsync(tenant, value.Hash, cancellationToken);
        }

        // The items of one list are wanted one after the other: it is read and parsed once for most of them.
        var list = newest is { } kept && kept.Tenant == tenant && kept.Hash == value.Hash ? kept.List : await ReadAsync(tenant, value.Hash, cancellationToken);
        newest = new KeptList(tenant, value.Hash, list);
        return list[element];
    }

    private async ValueTask<JsonElement> ReadAsync(string tenant, string hash, CancellationToken cancellationToken)
    {
        var bytes = await artifacts.GetAsync(tenant, hash, cancellationToken) ?? throw new StepValueLostException(hash);
        return JsonElement.Parse(bytes.Span);
    }

    private sealed record KeptList(string Tenant, string Hash, JsonElement List);
}

/// <summary>A value that a step needs is not in the artifact store any more.</summary>
/// <param name="hash">Its hash.</param>
public sealed class StepValueLostException(string hash)
    : Exception($"The value {hash} is not in the artifact store any more: it expired or was erased.");
