using System.Security.Cryptography;

namespace Countersign.Ledger;

/// <summary>The one loop of "read, decide, commit if unchanged, else again". It ends: a row that never stays unchanged long enough is an error.</summary>
public static class CommitLoop
{
    /// <summary>How often a commit is tried before the loop gives up: 200 times, which takes about 30 seconds.</summary>
    public const int MaxTries = 200;

    private const int TriesWithoutPause = 2;
    private const int ShortestPause = 5;
    private const int MostDoublings = 6;

    /// <summary>Tries until nothing conflicts.</summary>
    /// <param name="attempt">Reads, decides and commits. It throws <see cref="LedgerConflictException"/> where another writer was faster, and reads
    /// everything again in the next attempt.</param>
    /// <param name="time">The clock for the pauses between attempts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LedgerContentionException">Each of <see cref="MaxTries"/> attempts met a conflict.</exception>
    public static async ValueTask<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> attempt, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await attempt(cancellationToken);
            }
            catch (LedgerConflictException conflict)
            {
                if (tries == MaxTries)
                {
                    throw new LedgerContentionException(conflict.Key, conflict);
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (tries >= TriesWithoutPause)
            {
                // Writers that try again in step would keep each other from it.
                var longest = ShortestPause << Math.Min(tries - TriesWithoutPause, MostDoublings);
                await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, longest)), time, cancellationToken);
            }
        }
    }

    /// <summary>Tries until nothing conflicts, where there is nothing to answer.</summary>
    /// <inheritdoc cref="RunAsync{T}(Func{CancellationToken, ValueTask{T}}, TimeProvider, CancellationToken)"/>
    public static async ValueTask RunAsync(Func<CancellationToken, ValueTask> attempt, TimeProvider time, CancellationToken cancellationToken) =>
        await RunAsync(
            async token =>
            {
                await attempt(token);
                return true;
            },
            time,
            cancellationToken);
}

/// <summary>A commit met a conflict at every attempt. Nothing was written by it. A run that meets this is suspended; a request fails.</summary>
/// <param name="key">The key of the row or call record that did not match at the last attempt.</param>
/// <param name="conflict">The last conflict.</param>
public sealed class LedgerContentionException(string key, LedgerConflictException conflict)
    : Exception($"The ledger row '{key}' was not as expected at {CommitLoop.MaxTries} attempts in a row; nothing was written.", conflict)
{
    /// <summary>The code of the error, <c>ledger.contention</c>; see docs/errors.</summary>
    public const string ErrorCode = "ledger.contention";

    /// <summary>The key that did not match.</summary>
    public string Key { get; } = key;
}
