using System.Collections.Immutable;
using Countersign.Access;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>
/// One person is one vote. The maker of a key sees it, and so can act as its user: a key that was made after the run started counts for its
/// user only if its maker, and the makers of the maker's key, neither requested the run nor voted.
/// </summary>
internal static class Independence
{
    /// <summary>The people who made the key that somebody acts with, or the key of its maker, after the run started; null for none.</summary>
    public static ImmutableArray<string>? MadeBy(WaitRow wait, Principal person)
    {
        ImmutableArray<string> makers = wait.RunStarted is { } started
            ? [.. person.Makers.TakeWhile(maker => maker.At > started).Select(maker => maker.User).Where(maker => maker != person.User).Distinct()]
            : [];
        return makers.IsEmpty ? null : makers;
    }

    /// <summary>Refuses an approving vote that would make one person two.</summary>
    /// <exception cref="WaitRefusedException">The requester or another voter made the key after the run started, or this person made a voter's key then.</exception>
    public static void Demand(WaitRow wait, Principal person)
    {
        var makers = MadeBy(wait, person) ?? [];
        if (!wait.AllowRequester && makers.Contains(wait.Requester))
        {
            throw Refused($"'{wait.Requester}', who requested the run, made the key of '{person.User}' after the run started.");
        }

        foreach (var vote in wait.Votes)
        {
            if (makers.Contains(vote.User))
            {
                throw Refused($"'{vote.User}', who has voted, made the key of '{person.User}' after the run started.");
            }

            if (vote.MadeBy is { } theirs && (theirs.Contains(person.User) || theirs.Intersect(makers).Any()))
            {
                throw Refused($"The keys of '{person.User}' and '{vote.User}', who has voted, come from one person after the run started.");
            }
        }
    }

    private static WaitRefusedException Refused(string why) => new(
        "wait.not-independent", 403, $"{why} This vote does not count. A person whose key is older than the run, or was made by another person, can vote.");
}
