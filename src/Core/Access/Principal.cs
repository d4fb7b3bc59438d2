using System.Collections.Immutable;
using Countersign.Ledger;

namespace Countersign.Access;

/// <summary>Who is acting: always inside one tenant.</summary>
/// <param name="Tenant">The tenant's id; every read and write of the principal stays inside it.</param>
/// <param name="User">An opaque user or agent id, as it stands in the log; never a name or an address.</param>
/// <param name="Roles">The roles it holds; see <see cref="Role"/>.</param>
public sealed record Principal(string Tenant, string User, ImmutableArray<string> Roles)
{
    /// <summary>Acting through a link that was made for the person, who has not signed in.</summary>
    public const string Link = "link";

    /// <summary>Acting at the command line of the host, which takes the name of any person.</summary>
    public const string CommandLine = "cli";

    /// <summary>How it acts, where that is not by a key of its own: <see cref="Link"/> or <see cref="CommandLine"/>. Each entry says so.</summary>
    public string? Via { get; init; }

    /// <summary>Who made the key that it acts with, and when, the latest first: each made the key of the one before. Empty for a key of an older build.</summary>
    public ImmutableArray<KeyMaker> Makers { get; init; } = [];

    /// <summary>The request that it acts by, where the request may be repeated; its change is then made once.</summary>
    public RequestKey? Request { get; init; }

    /// <summary>The system itself, acting for a tenant: the sweep, a timer, a run.</summary>
    public static Principal System(string tenant) => new(tenant, "system", []);

    /// <summary>Whether the principal holds a role.</summary>
    public bool Is(string role) => Roles.Contains(role);
}
