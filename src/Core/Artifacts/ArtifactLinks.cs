using System.Globalization;
using Countersign.Access;
using Countersign.Ledger;

namespace Countersign.Artifacts;

/// <summary>What a link to an artifact is good for.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Sha256">The artifact.</param>
/// <param name="Maker">Who made it.</param>
/// <param name="Expires">When it is good no more.</param>
public sealed record ArtifactLink(string Tenant, string Sha256, string Maker, DateTimeOffset Expires);

/// <summary>Links by which whoever holds one reads one artifact, without signing in, until the link expires. Who made a link is in the log, and so is each reading.</summary>
/// <param name="signed">Signs the tokens.</param>
/// <param name="ledger">Where making one is logged.</param>
/// <param name="time">The clock.</param>
public sealed class ArtifactLinks(SignedText signed, ILedger ledger, TimeProvider time)
{
    /// <summary>How long a link is good that says nothing else: an hour.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromHours(1);

    /// <summary>The longest that a link may be good: 7 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    private const string Purpose = "artifact-1";

    /// <summary>Makes the token of a link.</summary>
    /// <param name="maker">Who makes it.</param>
    /// <param name="upload">The artifact.</param>
    /// <param name="lasts">How long it is good: more than nothing, at most <see cref="Longest"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(string Token, DateTimeOffset Expires)> MakeAsync(Principal maker, Upload upload, TimeSpan lasts, CancellationToken cancellationToken = default)
    {
        var expires = time.GetUtcNow() + lasts;
        var entry = new EntryDraft
        {
            EventId = EventId.Outside(Guid.NewGuid().ToString("N"), EventTypes.ArtifactLinkMade),
            Type = EventTypes.ArtifactLinkMade,
            Actor = maker.User,
            Payload = new LogPayload().Add("expires", expires).Add("sha256", upload.Sha256).ToBytes(),
        };
        await ledger.CommitAsync(maker.Tenant, new LedgerCommit { Entries = [entry] }, cancellationToken);
        var until = expires.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        return (signed.Seal(string.Join('\n', Purpose, maker.Tenant, upload.Sha256, maker.User, until)), expires);
    }

    /// <summary>Reads a token.</summary>
    /// <exception cref="ArtifactLinkException">It is not one of ours, for another artifact, or has expired.</exception>
    public ArtifactLink Read(string token, string sha256)
    {
        if (signed.Open(token)?.Split('\n') is not [Purpose, var tenant, var named, var maker, var until] || named != sha256)
        {
            throw new ArtifactLinkException("artifact.link-invalid", "The link's token is not good for this artifact.");
        }

        var link = new ArtifactLink(tenant, named, maker, DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(until, CultureInfo.InvariantCulture)));
        return link.Expires > time.GetUtcNow() ? link : throw new ArtifactLinkException("artifact.link-expired", "The link has expired; ask for a new one.");
    }
}

/// <summary>A link to an artifact is good for nothing.</summary>
/// <param name="code">The stable code, with a page in <c>docs/errors</c>.</param>
/// <param name="message">Why.</param>
public sealed class ArtifactLinkException(string code, string message) : Exception(message)
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;
}
