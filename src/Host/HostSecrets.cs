namespace Countersign.Host;

/// <summary>The host's own secrets stand beside those of its tenants, under a name that no tenant can have: no argument of a command and no key holds a NUL.</summary>
internal static class HostSecrets
{
    /// <summary>The name.</summary>
    public const string Tenant = "\0host";
}
