using System.Globalization;
using Countersign.Access;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>Whom a link stands for, and for what.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Wait">The wait's id.</param>
/// <param name="Action"><c>decide</c> or <c>submit</c>.</param>
/// <param name="Addressee">The opaque id of the person it was made for.</param>
/// <param name="Expires">When it is good no more.</param>
public sealed record TaskLink(string Tenant, string Wait, string Action, string Addressee, DateTimeOffset Expires);

/// <summary>
/// Links by which a person acts on one wait without signing in. A token is an HMAC-SHA-256 over tenant, run, wait, action, addressee and
/// expiry, so that the same link can be sent again after a crash. It is used up by the commit that decides: the wait is open no more, or its addressee has voted.
/// </summary>
/// <param name="signed">Signs the tokens.</param>
/// <param name="time">The clock.</param>
public sealed class TaskLinks(SignedText signed, TimeProvider time)
{
    /// <summary>Votes on an approval.</summary>
    public const string Decide = "decide";

    /// <summary>Fills in a form.</summary>
    public const string Submit = "submit";

    /// <summary>Makes the token of a link: for the wait, for one person, until the wait's deadline. The same link has the same token.</summary>
    /// <exception cref="WaitRefusedException">The wait is closed, or not for people.</exception>
    public string Make(string tenant, WaitRow wait, string addressee)
    {
        if (!wait.IsOpen)
        {
            throw WaitRefusedException.Closed(wait);
        }

        var action = wait.Kind switch
        {
            WaitKind.Approval => Decide,
            WaitKind.Form => Submit,
            _ => throw new WaitRefusedException("wait.wrong-kind", 409, "This does not wait for a person."),
        };
        var text = Text(new TaskLink(tenant, wait.Id, action, addressee, wait.Deadline));
        return signed.Seal(text);
    }

    /// <summary>Reads a token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="wait">The wait that it is used for.</param>
    /// <returns>Whom it stands for, and why it is refused all the same: null where it is good.</returns>
    /// <exception cref="WaitRefusedException">It is not one of ours (<c>task.token-invalid</c>).</exception>
    public (TaskLink Link, WaitRefusedException? Refused) Read(string token, string wait)
    {
        var link = From(signed.Open(token)?.Split('\n')) ?? throw new WaitRefusedException("task.token-invalid", 401, "The link's token is not valid.");
        return (link, link.Wait != wait ? new WaitRefusedException("task.token-invalid", 401, "The link's token is for another task.")
            : link.Expires <= time.GetUtcNow() ? new WaitRefusedException("task.token-expired", 401, $"The link expired at {link.Expires:yyyy-MM-dd'T'HH:mm:ss'Z'}.")
            : null);
    }

    /// <summary>
    /// The person that a link stands for: somebody of the tenant with nothing but the roles that the wait itself asks, so that the wait's own rules decide.
    /// </summary>
    public static Principal PersonOf(TaskLink link, WaitRow wait) => new(
        link.Tenant,
        link.Addressee,
        [.. ((string?[])[wait.Audience?.Role, wait.State is WaitState.Escalated ? wait.EscalateTo?.Role : null]).OfType<string>()])
    {
        Via = Principal.Link,
    };

    private static string Text(TaskLink link) =>
        string.Join('\n', "1", link.Tenant, link.Wait, link.Action, link.Addressee, link.Expires.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));

    private static TaskLink? From(string[]? parts) => parts is ["1", var tenant, var wait, var action, var addressee, var expires]
        ? new TaskLink(tenant, wait, action, addressee, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(expires, CultureInfo.InvariantCulture)))
        : null;
}
