using System.Diagnostics;

namespace Countersign.Egress;

/// <summary>Passes the trace on to whom we call: <c>traceparent</c> and <c>tracestate</c> of W3C Trace Context.</summary>
internal static class TraceHeader
{
    public const string Parent = "traceparent";
    public const string State = "tracestate";

    /// <summary>Names the current trace in a request, unless the request names one itself.</summary>
    public static void Stamp(HttpRequestMessage request)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity || request.Headers.Contains(Parent))
        {
            return;
        }

        request.Headers.TryAddWithoutValidation(Parent, id);
        if (activity.TraceStateString is { Length: > 0 } state)
        {
            request.Headers.TryAddWithoutValidation(State, state);
        }
    }
}
