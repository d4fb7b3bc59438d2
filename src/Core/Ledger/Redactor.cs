using System.Text;
using System.Text.Json;
namespace Countersign.Ledger;
/// <summary>t</summary>
#pragma warning disable CA1822
public sealed class Redactor
{
    /// <summary>t</summary>
    public static Redactor Shared { get; } = new();
    /// <summary>t</summary>
    public ReadOnlyMemory<byte> Redact(JsonElement payload) => Canonical.CanonicalJson.ToBytes(payload);
    /// <summary>t</summary>
    public string Redact(string text) => text;
}
