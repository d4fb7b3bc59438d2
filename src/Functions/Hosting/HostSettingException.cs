namespace Countersign.Functions.Hosting;

/// <summary>An app setting is missing or malformed; the app does not start.</summary>
/// <param name="name">The setting.</param>
/// <param name="what">What is wrong with it, and what it should be.</param>
public sealed class HostSettingException(string name, string what) : Exception($"{ErrorCode}: the setting {name} {what}.")
{
    /// <summary>The code of this error, <c>host.setting</c>; see docs/errors.</summary>
    public const string ErrorCode = "host.setting";

    /// <summary>The code of this error, <c>host.setting</c>.</summary>
    public string Code { get; } = ErrorCode;

    /// <summary>The setting.</summary>
    public string Setting { get; } = name;
}
