using System.Collections.Immutable;

namespace Countersign.Access;

/// <summary>What a principal may do in its tenant.</summary>
public enum Permission
{
    /// <summary>See workflows and runs.</summary>
    ReadRuns,

    /// <summary>Start runs, hand events to them.</summary>
    StartRuns,

    /// <summary>Cancel, pause and continue runs.</summary>
    ControlRuns,

    /// <summary>Save and delete workflows.</summary>
    WriteWorkflows,

    /// <summary>See what waits for people, and act on what is addressed to one.</summary>
    Act,

    /// <summary>Make links by which whoever holds them reads an artifact.</summary>
    MakeLinks,

    /// <summary>
    /// Make links by which people act without signing in. Whoever makes one holds it as well, so that it takes what making them a key takes.
    /// </summary>
    MakeTaskLinks,

    /// <summary>Read, verify and export the log.</summary>
    ReadLog,

    /// <summary>Ask models directly.</summary>
    Infer,

    /// <summary>See usage and cost.</summary>
    ReadUsage,

    /// <summary>Make and revoke API keys.</summary>
    ManageKeys,

    /// <summary>Set, bind and delete secrets, and list their names.</summary>
    ManageSecrets,
}

/// <summary>Which role may do what: the one table.</summary>
public static class Permissions
{
    /// <summary>The roles of each permission. <see cref="Role.Admin"/> may do everything.</summary>
    public static ImmutableSortedDictionary<Permission, ImmutableArray<string>> Table { get; } = new Dictionary<Permission, ImmutableArray<string>>
    {
        [Permission.ReadRuns] = [Role.Engineer, Role.Growth, Role.Viewer, Role.Auditor, Role.Approver],
        [Permission.StartRuns] = [Role.Engineer, Role.Growth],
        [Permission.ControlRuns] = [Role.Engineer],
        [Permission.WriteWorkflows] = [Role.Engineer],
        [Permission.Act] = [Role.Approver, Role.Engineer, Role.Growth],
        [Permission.MakeLinks] = [Role.Engineer],
        [Permission.MakeTaskLinks] = [],
        [Permission.ReadLog] = [Role.Auditor],
        [Permission.Infer] = [Role.Engineer],
        [Permission.ReadUsage] = [Role.Growth, Role.Auditor],
        [Permission.ManageKeys] = [],
        [Permission.ManageSecrets] = [],
    }.ToImmutableSortedDictionary();

    /// <summary>Whether a principal may do something.</summary>
    public static bool May(this Principal principal, Permission permission) =>
        principal.Is(Role.Admin) || Table[permission].Any(principal.Is);

    /// <summary>Refuses who may not do something.</summary>
    /// <exception cref="AccessDeniedException">None of the principal's roles allows it.</exception>
    public static void Demand(this Principal principal, Permission permission)
    {
        if (!principal.May(permission))
        {
            throw new AccessDeniedException(permission);
        }
    }
}

/// <summary>None of the principal's roles allows what it tried.</summary>
/// <param name="permission">What it tried.</param>
public sealed class AccessDeniedException(Permission permission)
    : Exception($"None of your roles allows this ({permission}); it takes {string.Join(" or ", [Role.Admin, .. Permissions.Table[permission]])}.")
{
    /// <summary>What it tried.</summary>
    public Permission Permission { get; } = permission;
}
