using System.Collections.Immutable;
using System.Globalization;
using Countersign.Azure;
using Countersign.Orchestration;
using Microsoft.Extensions.Configuration;

namespace Countersign.Functions.Hosting;

/// <summary>What the host is set to, by app settings.</summary>
public sealed record HostSettings
{
    /// <summary>
    /// The stores: <c>COUNTERSIGN_STORAGE</c> (a connection string) or <c>COUNTERSIGN_STORAGE_ACCOUNT</c> (an account's name, reached
    /// with the app's identity), else <c>AzureWebJobsStorage</c>; <c>COUNTERSIGN_PREFIX</c>; <c>COUNTERSIGN_ARTIFACT_KEY</c>.
    /// </summary>
    public required AzureStoresOptions Stores { get; init; }

    /// <summary>
    /// Targets that steps may call although they are not public, <c>COUNTERSIGN_EGRESS_ALLOWED</c>: <c>host:port</c> or
    /// <c>address-range:port</c>, joined by commas. Default none.
    /// </summary>
    public ImmutableArray<string> EgressAllowed { get; init; } = [];

    /// <summary>
    /// The models, <c>COUNTERSIGN_PROVIDERS</c>: the content of a providers file, or the path of one beside the app. Null for the mock alone.
    /// </summary>
    public string? Providers { get; init; }

    /// <summary>
    /// After how many answers a run hands over its state and begins a new history, <c>COUNTERSIGN_CONTINUE_AS_NEW_AFTER</c>. Default
    /// 100, at least 1. A replay reads the whole history, so that a run without it would cost the square of its steps.
    /// </summary>
    public int ContinueAsNewAfter { get; init; } = 100;

    /// <summary>
    /// How many runs a tenant may have at work at a time, <c>COUNTERSIGN_MAX_RUNS_PER_TENANT</c>: 1 to 1,000, default 500. The task hub is first in, first
    /// out, so that without it one tenant's flood would stand before everybody's runs.
    /// </summary>
    public int MaxRunsPerTenant { get; init; } = 500;

    /// <summary>
    /// How long the task hub keeps the history of an ended instance, <c>COUNTERSIGN_HISTORY_HOURS</c>: at least 1 hour, default 168 (a week). The history
    /// holds definitions and values of the run; runs are read from the ledger, which has rules of its own.
    /// </summary>
    public TimeSpan HistoryKept { get; init; } = TimeSpan.FromHours(168);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="HostSettingException">One is missing or malformed; the message names it.</exception>
    public static HostSettings From(IConfiguration configuration) => new()
    {
        Stores = new AzureStoresOptions
        {
            Account = configuration["COUNTERSIGN_STORAGE_ACCOUNT"],
            ConnectionString = configuration["COUNTERSIGN_STORAGE_ACCOUNT"] is null
                ? configuration["COUNTERSIGN_STORAGE"] ?? configuration["AzureWebJobsStorage"]
                : null,
            Prefix = configuration["COUNTERSIGN_PREFIX"] ?? "countersign",
            ArtifactKey = configuration["COUNTERSIGN_ARTIFACT_KEY"]
                ?? throw new HostSettingException("COUNTERSIGN_ARTIFACT_KEY", "is missing: 32 bytes in base64, from openssl rand -base64 32"),
        },
        EgressAllowed =
        [
            .. (configuration["COUNTERSIGN_EGRESS_ALLOWED"] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        ],
        Providers = configuration["COUNTERSIGN_PROVIDERS"] is { Length: > 0 } providers ? providers : null,
        MaxRunsPerTenant = Number(configuration, "COUNTERSIGN_MAX_RUNS_PER_TENANT", 500) is <= Admission.HighestLimit and var limit
            ? limit
            : throw new HostSettingException("COUNTERSIGN_MAX_RUNS_PER_TENANT", $"is more than {Admission.HighestLimit}, which is the most that can be counted"),
        HistoryKept = TimeSpan.FromHours(Number(configuration, "COUNTERSIGN_HISTORY_HOURS", 168)),
        ContinueAsNewAfter = Number(configuration, "COUNTERSIGN_CONTINUE_AS_NEW_AFTER", 100),
    };

    private static int Number(IConfiguration configuration, string name, int standard)
    {
        var text = configuration[name];
        return text is null ? standard
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
            : throw new HostSettingException(name, $"is '{text}', which is no whole number above 0");
    }
}
