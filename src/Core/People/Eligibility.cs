using Countersign.Access;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>Who may act on a wait.</summary>
public static class Eligibility
{
    /// <summary>Whether a person is in the audience of a wait, by role or by name, and has not handed the vote on; the requester left aside.</summary>
    public static bool IsAddressed(WaitRow wait, Principal person) =>
        (!wait.HasHandedOn(person.User) && (IsIn(wait.Audience, person) || (wait.State is WaitState.Escalated && IsIn(wait.EscalateTo, person))))
        || (wait is { Kind: WaitKind.Form, Audience: { Role: null, Users: [] } } && person.User == wait.Requester);

    /// <summary>Refuses those who may not even look: neither addressed, nor the requester, nor an admin.</summary>
    /// <exception cref="WaitRefusedException">They may not.</exception>
    public static void DemandSight(WaitRow wait, Principal person)
    {
        if (!person.Is(Role.Admin) && person.User != wait.Requester && !wait.HasHandedOn(person.User) && !IsAddressed(wait, person))
        {
            throw WaitRefusedException.NotYours();
        }
    }

    /// <summary>Refuses those who may not act.</summary>
    /// <exception cref="WaitRefusedException">Not in the audience, or the requester of the run.</exception>
    public static void Demand(WaitRow wait, Principal person)
    {
        if (wait.HasHandedOn(person.User))
        {
            throw WaitRefusedException.HandedOn(wait, person.User);
        }

        if (!IsAddressed(wait, person))
        {
            throw WaitRefusedException.NotYours();
        }

        if (!wait.AllowRequester && person.User == wait.Requester)
        {
            throw WaitRefusedException.OwnRequest();
        }
    }

    private static bool IsIn(WaitAudience? audience, Principal person) =>
        audience is not null && ((audience.Role is { } role && person.Is(role)) || audience.Users.Contains(person.User));
}
