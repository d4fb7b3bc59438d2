using System.Collections.Immutable;

namespace Countersign.Access;

/// <summary>The roles that a principal may hold in its tenant.</summary>
public static class Role
{
    /// <summary>May do everything in the tenant.</summary>
    public const string Admin = "admin";

    /// <summary>Decides on approvals.</summary>
    public const string Approver = "approver";

    /// <summary>Writes workflows, and starts and stops runs.</summary>
    public const string Engineer = "engineer";

    /// <summary>Starts runs and sees usage.</summary>
    public const string Growth = "growth";

    /// <summary>Sees runs and workflows.</summary>
    public const string Viewer = "viewer";

    /// <summary>Sees the log and verifies it.</summary>
    public const string Auditor = "auditor";

    /// <summary>All roles.</summary>
    public static ImmutableArray<string> All { get; } = [Admin, Approver, Engineer, Growth, Viewer, Auditor];
}
