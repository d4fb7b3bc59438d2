using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>The entry of one call: where to and what came of it, but neither path nor query, which can hold anything.</summary>
internal sealed class ApiCallRecord(string method, Uri target, TimeProvider time)
{
    private readonly long started = time.GetTimestamp();
    private int status;
    private long bytes;
    private TimeSpan duration;
    private string? answeredBy;

    /// <summary>Scheme, host and port.</summary>
    public string Origin { get; } = OriginOf(target);

    /// <summary>Whether the answer was read to its end.</summary>
    public bool HasAnswer { get; private set; }

    /// <summary>The remote side has answered; its body is still to be read.</summary>
    public void Begun(int answered) => status = answered;

    public void Answered(HttpResponseMessage response, long length)
    {
        HasAnswer = true;
        (status, bytes, duration) = ((int)response.StatusCode, length, time.GetElapsedTime(started));
        var last = response.RequestMessage?.RequestUri is { } uri ? OriginOf(uri) : Origin;
        answeredBy = last == Origin ? null : last;
    }

    public ExecutorEntry Entry() => new(EventTypes.ApiResponse, null, Facts(duration)
        .Add("answered_by", answeredBy)
        .Add("bytes", bytes)
        .Add("status", status));

    public ExecutorEntry Failure(StepError error) => new(EventTypes.ApiFailed, null, Facts(time.GetElapsedTime(started))
        .Add("code", error.Type)
        .Add("status", status == 0 ? null : (long?)status));

    private LogPayload Facts(TimeSpan took) => new LogPayload()
        .Add("duration_ms", (long)took.TotalMilliseconds)
        .Add("method", method)
        .Add("origin", Origin);

    private static string OriginOf(Uri uri) => $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}";
}
