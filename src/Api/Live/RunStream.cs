using System.Globalization;
using System.Text.Json;
using Countersign.Ai;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Api.Live;

/// <summary>
/// One run's stream: its log entries, each once and in order, and between a step's start and its outcome what a model is saying. What was said is sent
/// after the entry that the step began, and never after the one of its outcome.
/// </summary>
internal sealed class RunStream(ApiServices services, RunIdentity run, DeltaListener listener, IEventSink sink)
{
    private readonly HashSet<string> begun = new(StringComparer.Ordinal);
    private readonly HashSet<string> over = new(StringComparer.Ordinal);
    private readonly List<ModelDelta> said = [];
    private long after;

    /// <summary>Sends until the run has ended, or it is canceled.</summary>
    /// <param name="from">The sequence that the reader has seen.</param>
    /// <param name="silence">After how long without news a beat is sent.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task SendAsync(long from, TimeSpan silence, CancellationToken cancellation)
    {
        after = from;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var log = services.Tail.FollowAsync(run.Tenant, run.Id, after, silence, end.Token).GetAsyncEnumerator(end.Token);
        var (entry, words) = (log.MoveNextAsync().AsTask(), listener.WaitAsync(end.Token));
        try
        {
            while (true)
            {
                await Task.WhenAny(entry, words);
                said.AddRange(listener.TakeAll());
                if (entry.IsCompleted)
                {
                    await entry;
                    if (await SendOrBeatAsync(log.Current, cancellation))
                    {
                        return;
                    }

                    entry = log.MoveNextAsync().AsTask();
                }

                if (await SendSaidAsync(cancellation))
                {
                    return;
                }

                if (words.IsCompleted)
                {
                    words = listener.WaitAsync(end.Token);
                }
            }
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(entry, words).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await log.DisposeAsync();
        }
    }

    // What was said reaches us without the log; the entry that its step began is in the log already, but perhaps not sent yet.
    private async Task<bool> SendSaidAsync(CancellationToken cancellation)
    {
        while (said.Exists(delta => !begun.Contains(delta.Step.Key)))
        {
            var page = await services.Core.Parts.Ledger.ReadRunEntriesAsync(run.Tenant, run.Id, after, 200, cancellation);
            foreach (var stored in page)
            {
                if (await SendAsync(stored, cancellation))
                {
                    return true;
                }
            }

            if (page.Count == 0)
            {
                // A reader that came with a later cursor has seen the beginning before.
                begun.UnionWith(said.Select(delta => delta.Step.Key));
            }
        }

        await SayAsync(_ => true, cancellation);
        return false;
    }

    private async Task<bool> SendOrBeatAsync(StoredEntry? stored, CancellationToken cancellation)
    {
        if (stored is { } happened)
        {
            return await SendAsync(happened, cancellation);
        }

        await sink.BeatAsync(cancellation);
        return false;
    }

    private async Task<bool> SendAsync(StoredEntry stored, CancellationToken cancellation)
    {
        var entry = EntryCodec.Decode(stored.Bytes.Span);
        if (entry.Sequence <= after)
        {
            return false;
        }

        var step = KeyOf(entry, stored);
        if (step is not null && entry.Type != EventTypes.StepStarted)
        {
            await SayAsync(delta => delta.Step.Key == step, cancellation);
            over.Add(step);
        }

        await sink.SendAsync(CloudEvent.Of(stored), cancellation);
        after = entry.Sequence;
        if (step is not null)
        {
            begun.Add(step);
        }

        return entry.Type is EventTypes.RunCompleted or EventTypes.RunFailed or EventTypes.RunCanceled;
    }

    private async Task SayAsync(Predicate<ModelDelta> which, CancellationToken cancellation)
    {
        foreach (var delta in said.FindAll(which).Where(delta => begun.Contains(delta.Step.Key) && !over.Contains(delta.Step.Key)))
        {
            await sink.SendAsync(DeltaEvent.Of(run, delta), cancellation);
        }

        said.RemoveAll(which);
    }

    // The key of the call that began or ended.
    private static string? KeyOf(LogEntry entry, StoredEntry stored)
    {
        if (entry.Type is not (EventTypes.StepStarted or EventTypes.StepCompleted or EventTypes.StepFailed or EventTypes.StepCompensated) || stored.IsErased)
        {
            return null;
        }

        var facts = JsonElement.Parse(stored.Payload.Span);
        return facts.TryGetProperty("visit", out var visit) && facts.TryGetProperty("attempt", out var attempt)
            ? string.Create(CultureInfo.InvariantCulture, $"{entry.Step}:{visit.GetInt32()}:{attempt.GetInt32()}")
            : null;
    }
}
