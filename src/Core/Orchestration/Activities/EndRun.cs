using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>Point 6 of the protocol: the last commit carries the run row's version, so that it loses to a cancel that came first.</summary>
public sealed class EndRun(ILedger ledger, RunRows runs, TimeProvider time)
{
    /// <summary>Commits the end.</summary>
    /// <returns><see cref="CallResult.Succeeded"/>, or <see cref="CallResult.Lost"/> where a cancel was committed that the caller did not know of.</returns>
    public ValueTask<CallAnswer> RunAsync(Delivery delivery, EndRequest request, CancellationToken cancellationToken) =>
        CommitLoop.RunAsync(token => TryAsync(delivery, request, token), time, cancellationToken);

    private async ValueTask<CallAnswer> TryAsync(Delivery delivery, EndRequest request, CancellationToken cancellationToken)
    {
        var run = delivery.Run;
        var row = await runs.ReadAsync(run, cancellationToken);
        var now = time.GetUtcNow();
        if (row.Run.IsEnded)
        {
            return Answer(request, CallResult.Succeeded, row.Run, now);
        }

        if (row.Run.Flags.HasFlag(RunFlags.Cancel) && request.Status is not RunStatus.Canceled)
        {
            return await Answers.RecordAsync(
                ledger, delivery, request, Answer(request, CallResult.Lost, row.Run, now), RunLog.Pending(run, request), [], time, cancellationToken);
        }

        var ended = row.Run with { Status = request.Status, Ended = now, Output = request.Output, Error = request.Error, NotUndone = Kept(request), Standing = row.Run.Parent is null ? null : request.Standing, OpenWaits = 0, OpenLocks = 0 };
        var answer = Answer(request, CallResult.Succeeded, ended, now);
        await ledger.CommitFirstAsync(run.Tenant, Ending(delivery, row, ended, request, answer), time, cancellationToken);
        return answer;
    }

    private static LedgerCommit Ending(Delivery delivery, VersionedRun row, RunRow ended, EndRequest request, CallAnswer answer) => new()
    {
        Rows =
        [
            row.Replace(ended),
            RowWrite.DeleteIfPresent(RowKeys.Open(ended.Id)),
            .. ended.LimitKey is { } limit ? [RowWrite.DeleteIfPresent(limit)] : Array.Empty<RowWrite>(),
        ],
        Entries = [.. RunLog.Pending(delivery.Run, request), RunLog.OfRun(delivery.Run, ended, "ended", TypeOf(ended.Status), RunLog.Actor, Payload(ended, request))],
        Call = new CallRecord(delivery.Run.Id, request.Step.Key, 1, delivery.Nonce, answer.ToBytes()) { Written = answer },
    };

    private static CallAnswer Answer(EndRequest request, CallResult result, RunRow row, DateTimeOffset now) =>
        new() { Key = request.Step.Key, Result = result, Flags = row.Flags, At = now };

    private static ImmutableArray<FailedCompensation>? Kept(EndRequest request) =>
        request.NotUndone is { } failed ? [.. failed.Take(FailedCompensation.Most)] : null;

    private static ReadOnlyMemory<byte> Payload(RunRow ended, EndRequest request) => ended.Error is null && ended.Output is null && request.NotUndone is null
        ? LogPayload.Empty
        : new LogPayload()
            .Add("error", StepEntries.Facts(ended.Error))
            .Add("not_undone", (long?)request.NotUndone?.Length)
            .Add("output", ended.Output?.Hash)
            .ToBytes();

    private static string TypeOf(RunStatus status) => status switch
    {
        RunStatus.Completed => EventTypes.RunCompleted,
        RunStatus.Canceled => EventTypes.RunCanceled,
        _ => EventTypes.RunFailed,
    };
}
