using System.Collections.Immutable;
using Countersign.Ai;

namespace Countersign.Steps;

/// <summary>Sends an answer back with what is wrong with it.</summary>
internal static class RepairPrompt
{
    private const int LongestAnswer = 32 * 1024;

    public static ImmutableArray<ModelMessage> After(ModelResponse response, ImmutableArray<string> errors)
    {
        var cut = response.Finish == ModelFinish.Length ? "It was cut off because it was too long; answer shorter.\n" : "";
        var said = response.Text.Length <= LongestAnswer ? response.Text : response.Text[..LongestAnswer];

        // Interfaces refuse an empty message.
        return
        [
            new ModelMessage(ModelRole.Assistant, said.Length == 0 ? "(empty)" : said),
            new ModelMessage(ModelRole.User, $"Your answer does not satisfy the required JSON Schema.\n{cut}{string.Join('\n', errors.Select(error => "- " + error))}\nAnswer again with the corrected JSON and nothing else."),
        ];
    }
}
