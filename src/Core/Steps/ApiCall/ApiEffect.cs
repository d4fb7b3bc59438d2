using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>What is known of the effect of one call on the remote side. Each answer can only add to it: a later hop takes back nothing of an earlier one.</summary>
internal sealed class ApiEffect
{
    private readonly StepExecution execution;
    private readonly ApiCallStep step;
    private StepEffect? known;

    public ApiEffect(StepExecution execution, ApiCallStep step)
    {
        (this.execution, this.step) = (execution, step);
        if (Acts && execution.Number > 1)
        {
            // An earlier execution was cut off after its request may have been sent.
            Note(StepEffect.Unknown);
        }
    }

    /// <summary>Whether the call had, or may have had, an effect so far.</summary>
    public bool IsKnown => known is not null;

    // A step that only reads has no effect that could be undone, unless it says how.
    private bool Acts => step.Method is not ("GET" or "HEAD") || step.Compensate is not null;

    /// <summary>The request is about to be sent: an execution that is cut off from here on may have had its effect.</summary>
    public void Sending()
    {
        if (Acts)
        {
            execution.NoteEffect(StepEffect.Unknown);
        }
    }

    /// <summary>A request was answered by a redirect.</summary>
    public void Redirected(HttpMethod method, int status)
    {
        if (method != HttpMethod.Get && method != HttpMethod.Head)
        {
            Note(OfRedirect(status));
        }
    }

    /// <summary>The last request was answered with a status.</summary>
    public void Answered(int status)
    {
        if (!Acts)
        {
            return;
        }

        if (ApiCallExecutor.IsExpected(step, status))
        {
            Note(StepEffect.Happened);
        }
        else if (status is 301 or 302 or 303 or 307 or 308 && step.Method is not ("GET" or "HEAD"))
        {
            Note(OfRedirect(status));
        }
        else if (status >= 500 && !IsRefusal(status))
        {
            Note(StepEffect.Unknown);
        }
    }

    /// <summary>The error of a call that failed, with what is known of its effect.</summary>
    /// <param name="error">The error.</param>
    /// <param name="status">The status of an answer that was cut off; null for none.</param>
    public StepError On(StepError error, int? status = null)
    {
        if (status is { } answered)
        {
            Answered(answered);
        }

        return error with { Effect = known };
    }

    /// <summary>The error of a call whose request was sent and whose answer did not come.</summary>
    public StepError OnNoAnswer(StepError error)
    {
        if (Acts)
        {
            Note(StepEffect.Unknown);
        }

        return On(error);
    }

    // "See other" is how a server answers a request that it has carried out (RFC 9110, section 15.4.4). The other redirects leave that open.
    private static StepEffect OfRedirect(int status) => status == 303 ? StepEffect.Happened : StepEffect.Unknown;

    // The server says that it did not carry out the request; every other 5xx leaves that open (502 and 504 come from a gateway).
    private static bool IsRefusal(int status) => status is 501 or 503 or 505 or 511;

    private void Note(StepEffect effect)
    {
        known = known is { } before && before > effect ? before : effect;
        execution.NoteEffect(known.Value);
    }
}
