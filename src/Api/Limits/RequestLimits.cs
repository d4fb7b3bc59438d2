using System.Threading.RateLimiting;
using Countersign.Access;

namespace Countersign.Api.Limits;

/// <summary>Refuses what a caller repeats too often, and makes what is expensive wait for its turn.</summary>
internal sealed class RequestLimits : IDisposable
{
    private static readonly TimeSpan Refill = TimeSpan.FromMilliseconds(100);

    private readonly ApiLimits limits;
    private readonly PartitionedRateLimiter<Principal> requests;
    private readonly PartitionedRateLimiter<Principal> heavy;
    private readonly PartitionedRateLimiter<Principal> starts;
    private readonly PartitionedRateLimiter<Principal> streams;

    public RequestLimits(ApiLimits limits)
    {
        this.limits = limits;
        requests = Of(limits.RequestsPerSecond, PerUser, (key, most) => RateLimitPartition.GetTokenBucketLimiter(key, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(limits.Burst, most),
            TokensPerPeriod = Math.Max(1, most / (int)(TimeSpan.FromSeconds(1) / Refill)),
            ReplenishmentPeriod = Refill,
        }));
        heavy = PerTenant(limits.HeavyReads, limits.HeavyReadsWaiting);
        starts = PerTenant(limits.Starts, limits.StartsWaiting);
        streams = Of(limits.Streams, PerUser, (key, most) => RateLimitPartition.GetConcurrencyLimiter(key, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = most,
        }));
    }

    /// <summary>Counts a request.</summary>
    /// <exception cref="LimitReachedException">The user has made too many.</exception>
    public void DemandRate(Principal principal)
    {
        using var lease = requests.AttemptAcquire(principal);
        if (!lease.IsAcquired)
        {
            throw new LimitReachedException(
                "limit.requests",
                $"You have made more than {limits.RequestsPerSecond} requests a second (requests, per user).",
                lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>Waits for the turn of an operation that costs much; disposing of it ends the turn.</summary>
    /// <exception cref="LimitReachedException">Too many wait already, or are open.</exception>
    public async ValueTask<IDisposable?> EnterAsync(Principal principal, Cost cost, CancellationToken cancellationToken)
    {
        var limiter = cost switch
        {
            Cost.Heavy => heavy,
            Cost.Start => starts,
            Cost.Stream => streams,
            _ => null,
        };
        if (limiter is null)
        {
            return null;
        }

        var lease = await limiter.AcquireAsync(principal, 1, cancellationToken);
        if (lease.IsAcquired)
        {
            return lease;
        }

        lease.Dispose();
        throw Reached(cost);
    }

    private LimitReachedException Reached(Cost cost) => cost switch
    {
        Cost.Heavy => new(
            "limit.heavy-reads",
            $"{limits.HeavyReads} such reads of your tenant are running and {limits.HeavyReadsWaiting} wait (heavy reads, per tenant).",
            TimeSpan.FromSeconds(2)),
        Cost.Start => new(
            "limit.starts",
            $"{limits.Starts} starts of your tenant are being written and {limits.StartsWaiting} wait (starts, per tenant).",
            TimeSpan.FromSeconds(2)),
        _ => new(
            "limit.streams",
            $"You have {limits.Streams} event streams or exports open (streams, per user); close one first.",
            TimeSpan.FromSeconds(10)),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        requests.Dispose();
        heavy.Dispose();
        starts.Dispose();
        streams.Dispose();
    }

    private static PartitionedRateLimiter<Principal> PerTenant(int running, int waiting) =>
        Of(running, principal => principal.Tenant, (key, most) => RateLimitPartition.GetConcurrencyLimiter(key, _ => new ConcurrencyLimiterOptions
        {
            PermitLimit = most,
            QueueLimit = waiting,
        }));

    private static string PerUser(Principal principal) => $"{principal.Tenant}|{principal.User}";

    private static PartitionedRateLimiter<Principal> Of(int most, Func<Principal, string> key, Func<string, int, RateLimitPartition<string>> limit) =>
        PartitionedRateLimiter.Create<Principal, string>(
            principal => most == 0 ? RateLimitPartition.GetNoLimiter("") : limit(key(principal), most), StringComparer.Ordinal);
}

/// <summary>A caller reached a limit; the same request may succeed later.</summary>
/// <param name="code">The code of the limit.</param>
/// <param name="detail">Which limit, and what it is.</param>
/// <param name="retryAfter">After which time to try again.</param>
public sealed class LimitReachedException(string code, string detail, TimeSpan retryAfter) : Exception(detail)
{
    /// <summary>The code of the limit.</summary>
    public string Code { get; } = code;

    /// <summary>After how many seconds to try again, at least 1.</summary>
    public int RetryAfter { get; } = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds));
}
