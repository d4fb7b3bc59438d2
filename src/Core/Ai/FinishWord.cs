using System.Text;

namespace Countersign.Ai;

/// <summary>
/// Classifies the word that a provider has for the end of an answer. Servers spell the same reason in many ways, so case and separators do not count.
/// </summary>
internal static class FinishWord
{
    private const string Prefix = "finishreason";

    private static readonly string[] WholeWords =
    [
        "stop", "eos", "eostoken", "endturn", "stopsequence", "stoptoken", "stopstring", "stopword", "complete", "completed", "done", "end", "finish", "finished",
        "normal", "success", "succeeded", "ok",
    ];

    private static readonly string[] RefusedParts = ["filter", "safety", "refus", "block", "prohibited", "guardrail", "moderation", "violation", "recitation", "spii"];

    private static readonly string[] LengthParts = ["length", "maxtoken", "maxoutput", "maxcompletion", "maxnewtoken", "tokenlimit", "context", "truncat"];

    private static readonly string[] UnfinishedParts =
        ["incomplete", "unfinished", "error", "abort", "cancel", "tool", "function", "pause", "timeout", "timedout", "fail", "interrupt", "insufficient", "inprogress", "disconnect", "preempt", "overload", "partial", "kill", "terminat"];

    /// <summary>
    /// What a word says of the answer; null where there is no word. A word that says nothing known is <see cref="ModelFinish.Length"/>: the answer
    /// may be cut, so it is taken only where it shows its own end.
    /// </summary>
    public static ModelFinish? Meaning(string? word)
    {
        var given = word ?? "";
        var plain = string.Concat((IsWellFormed(given) ? given.Normalize(NormalizationForm.FormKC) : given).Where(char.IsLetterOrDigit)).ToLowerInvariant();
        plain = plain.StartsWith(Prefix, StringComparison.Ordinal) ? plain[Prefix.Length..] : plain;
        return plain.Length == 0 ? string.IsNullOrWhiteSpace(word) ? null : ModelFinish.Length
            : WholeWords.Contains(plain, StringComparer.Ordinal) ? ModelFinish.Stop
            : Has(plain, RefusedParts) ? ModelFinish.Refused
            : Has(plain, LengthParts) ? ModelFinish.Length
            : Has(plain, UnfinishedParts) ? ModelFinish.Unfinished
            : ModelFinish.Length;
    }

    // Only such a text has a normal form.
    private static bool IsWellFormed(string text) => !text.Any(char.IsSurrogate);

    private static bool Has(string word, string[] parts) => Array.Exists(parts, part => word.Contains(part, StringComparison.Ordinal));
}
