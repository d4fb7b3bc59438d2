using System.Collections.Immutable;
using Countersign.Ai;
using Countersign.Api.Limits;
using Countersign.Engine.Runs;

namespace Countersign.Host;

/// <summary>What one host on one machine is set to.</summary>
public sealed record LocalHostOptions
{
    /// <summary>The data folder: journal, artifacts, keys. One host owns it.</summary>
    public required string Data { get; init; }

    /// <summary>Private and loopback targets that steps may call, as <c>host:port</c> or <c>CIDR:port</c>. Default none.</summary>
    public ImmutableArray<string> AllowedTargets { get; init; } = [];

    /// <summary>The models, made in code. Default: the mock alone, which needs no key.</summary>
    public ModelCatalog Models { get; init; } = ModelCatalog.MockOnly;

    /// <summary>The models, by a providers file; null for <see cref="Models"/>.</summary>
    public ProvidersFile? Providers { get; init; }

    /// <summary>How many runs a tenant may have at work at a time, 1 to 1,000; 0, the default, for any number.</summary>
    public int MaxRunsPerTenant { get; init; }

    /// <summary>How long calls in flight have to end when the host is asked to stop. Default 25 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How much one caller may ask of the HTTP interface.</summary>
    public ApiLimits Limits { get; init; } = new();

    /// <summary>The engine's limits.</summary>
    public EmbeddedEngineOptions Engine { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
