namespace Countersign.Orchestration;

/// <summary>Which run of which tenant.</summary>
/// <param name="Tenant">The tenant's id.</param>
/// <param name="Id">The run's id: 32 hexadecimal digits whose first twelve are its creation time (UUID version 7).</param>
public sealed record RunIdentity(string Tenant, string Id)
{
    /// <summary>The id of the engine's instance: tenant and run, so that ids of two tenants can never meet.</summary>
    public override string ToString() => $"{Tenant}:{Id}";

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not of the form <c>tenant:run</c>.</exception>
    public static RunIdentity Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && colon < text.Length - 1
            ? new RunIdentity(text[..colon], text[(colon + 1)..])
            : throw new FormatException($"'{text}' is not of the form tenant:run.");
    }
}
