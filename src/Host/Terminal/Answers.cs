using System.Text.Json;
using Countersign.Host.Samples;
using Countersign.Schemas;

namespace Countersign.Host.Terminal;

/// <summary>What a person says to an approval.</summary>
internal enum Vote
{
    /// <summary>Yes.</summary>
    Approved,

    /// <summary>No.</summary>
    Rejected,

    /// <summary>Nothing for now.</summary>
    Later,
}

/// <summary>An approval that is asked for.</summary>
/// <param name="Step">The step.</param>
/// <param name="Person">Who is asked.</param>
/// <param name="Shown">What is to be approved.</param>
/// <param name="Approved">How many have approved.</param>
/// <param name="Quorum">How many it takes.</param>
/// <param name="CanWait">Whether something else happens if nobody answers soon.</param>
internal sealed record AskedApproval(string Step, string Person, JsonElement Shown, int Approved, int Quorum, bool CanWait);

/// <summary>A form that is asked for.</summary>
/// <param name="Step">The step.</param>
/// <param name="Person">Who is asked.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Schema">The schema that the answer must obey.</param>
internal sealed record AskedForm(string Step, string Person, string? Title, JsonSchema? Schema);

/// <summary>What is answered where a run waits for a person.</summary>
internal interface IAnswer
{
    /// <summary>Whether one person answers, who has one vote on each approval. Answers given beforehand stand for several people, and the log says so.</summary>
    bool IsOnePerson => false;

    /// <summary>Decides an approval.</summary>
    (Vote Vote, string? Reason) Decide(AskedApproval asked);

    /// <summary>Fills in a form.</summary>
    JsonElement Fill(AskedForm asked);
}

/// <summary>Answers as the command line said, where there is no terminal to ask at.</summary>
/// <param name="approve">What approvals are answered; null leaves them open.</param>
/// <param name="form">What forms are answered; null leaves them open.</param>
internal sealed class AnswerBeforehand(bool? approve, JsonElement? form) : IAnswer
{
    /// <inheritdoc/>
    public (Vote Vote, string? Reason) Decide(AskedApproval asked)
    {
        var approved = approve ?? throw new NobodyToAskException(asked.Step, "--approve or --reject");
        Screen.WriteLine($"  ({asked.Person}, as told beforehand, {(approved ? "approves" : "rejects")}: {ShownFields.Value(asked.Shown)})");
        return (approved ? Vote.Approved : Vote.Rejected, "told beforehand");
    }

    /// <inheritdoc/>
    public JsonElement Fill(AskedForm asked) => form ?? throw new NobodyToAskException(asked.Step, "--form JSON");
}

/// <summary>Answers as a sample describes it, where there is no terminal to ask at.</summary>
/// <param name="run">The sample's run.</param>
internal sealed class AnswerOfSample(SampleRun run) : IAnswer
{
    private readonly Dictionary<string, int> turns = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public (Vote Vote, string? Reason) Decide(AskedApproval asked)
    {
        var vote = Next(run.Votes, asked.Step) switch { "approved" => Vote.Approved, "rejected" => Vote.Rejected, _ => Vote.Later };
        var does = vote switch { Vote.Approved => "approves", Vote.Rejected => "rejects", _ => "does not answer to" };
        Screen.WriteLine($"  ({asked.Person}, whom nobody plays here, {does}: {ShownFields.Value(asked.Shown)})");
        return (vote, vote is Vote.Later ? null : "as the sample has it");
    }

    /// <inheritdoc/>
    public JsonElement Fill(AskedForm asked)
    {
        var data = Next(run.Forms, asked.Step);
        Screen.WriteLine($"  {asked.Title}");
        Screen.WriteLine($"  ({asked.Person}, whom nobody plays here, sends: {ShownFields.Value(data)})");
        return data;
    }

    /// <summary>What the sample would fill in next; null where it has nothing more.</summary>
    public JsonElement? Propose(string step)
    {
        var turn = turns.GetValueOrDefault(step);
        turns[step] = turn + 1;
        return run.Forms.TryGetValue(step, out var given) && turn < given.Length ? given[turn] : null;
    }

    private T Next<T>(IReadOnlyDictionary<string, System.Collections.Immutable.ImmutableArray<T>> answers, string step)
    {
        var turn = turns.GetValueOrDefault(step);
        turns[step] = turn + 1;
        return answers.TryGetValue(step, out var given) && turn < given.Length
            ? given[turn]
            : throw new NobodyToAskException(step, $"a further answer in the sample's sample.json ({turn} are used up)");
    }
}

/// <summary>A run waits for somebody, and there is nobody to ask.</summary>
/// <param name="step">The step that waits.</param>
/// <param name="option">What would have answered it.</param>
internal sealed class NobodyToAskException(string step, string option)
    : IOException($"Step '{step}' waits for somebody and there is no terminal to ask at; answer with {option}. The run waits on in the data folder.");
