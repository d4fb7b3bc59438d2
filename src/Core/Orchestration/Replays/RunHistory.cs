using System.Text.Json;
using Countersign.Ledger;

namespace Countersign.Orchestration;

/// <summary>
/// What is on record of a run: the state that it last handed over, the answers since, and the executions that were cut off. An engine that
/// keeps handed-over states elsewhere has a history that begins with the run.
/// </summary>
public sealed class RunHistory
{
    private const string StatePrefix = "$state:";

    private RunHistory(InterpreterState? state, int states, IReadOnlyList<CallAnswer> answers, IReadOnlyDictionary<string, CallRecord> open)
    {
        (State, States, Answers, Open) = (state, states, answers, open);
    }

    /// <summary>The newest state; null where none was handed over.</summary>
    public InterpreterState? State { get; }

    /// <summary>How many states were handed over so far.</summary>
    public int States { get; }

    /// <summary>In the order in which they were recorded, which is the order in which the run saw them.</summary>
    public IReadOnlyList<CallAnswer> Answers { get; }

    /// <summary>Calls that were opened and never answered, by key.</summary>
    public IReadOnlyDictionary<string, CallRecord> Open { get; }

    /// <summary>The same history, knowing how many states came before it.</summary>
    public RunHistory After(int earlier) => new(State, States + earlier, Answers, Open);

    /// <summary>The key that a state is recorded under.</summary>
    public static string StateKey(int number) => StatePrefix + number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads the records of a run, in the order in which they were written.</summary>
    public static RunHistory From(IReadOnlyList<CallRecord> records)
    {
        InterpreterState? state = null;
        var states = 0;
        var answers = new List<CallAnswer>();
        var open = new Dictionary<string, CallRecord>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            if (record.Key.StartsWith(StatePrefix, StringComparison.Ordinal))
            {
                state = JsonSerializer.Deserialize(record.Answer!.Value.Span, OrchestrationJson.Default.InterpreterState);
                states++;
                answers.Clear();
                open.Clear();
            }
            else if (record.Answer is { } answer)
            {
                answers.Add(CallAnswer.From(answer));
                open.Remove(record.Key);
            }
            else
            {
                open[record.Key] = record;
            }
        }

        return new RunHistory(state, states, answers, open);
    }
}
