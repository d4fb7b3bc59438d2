using System.Buffers;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Patterns;

/// <summary>
/// A pattern of ECMA-262 that never backtracks, with bounds on the pattern and the input. Why it does not run on the
/// automaton engine of .NET is told in docs/adr/0009-patterns-by-automaton.md.
/// </summary>
internal sealed class SafePattern
{
    /// <summary>The longest pattern, in UTF-16 units.</summary>
    public const int MaxLength = 256;

    /// <summary>The highest count in a repeat.</summary>
    public const int MaxRepeat = 100;

    /// <summary>The most places a pattern may have once its repeats are unrolled.</summary>
    public const int MaxWeight = 1000;

    /// <summary>The longest input, in bytes of UTF-8.</summary>
    public const int MaxInput = 4096;

    private const int StackInput = 256;

    private readonly PatternAutomaton automaton;

    private SafePattern(string source, PatternAutomaton automaton, int weight)
    {
        Source = source;
        this.automaton = automaton;
        Weight = weight;
    }

    /// <summary>The pattern as written.</summary>
    public string Source { get; }

    /// <summary>How many places the pattern has.</summary>
    public int Weight { get; }

    /// <summary>Compiles a pattern; gives null and what is wrong where that cannot be done.</summary>
    public static SafePattern? Compile(string source, out string code, out string message)
    {
        code = message = "";
        if (source.Length > MaxLength)
        {
            code = SchemaCodes.PatternTooLarge;
            message = $"the pattern has {source.Length} characters, at most {MaxLength} are allowed";
            return null;
        }

        try
        {
            PatternNode tree = PatternParser.Parse(source);
            (code, message) = FindObstacle(tree);
            return code.Length == 0 ? new SafePattern(source, new PatternAutomaton(tree), (int)tree.Weight) : null;
        }
        catch (PatternSyntaxException error)
        {
            code = SchemaCodes.PatternSyntax;
            message = $"the pattern {error.Message} (at character {error.Position + 1})";
        }

        return null;
    }

    /// <summary>Whether the pattern matches somewhere in the text.</summary>
    /// <param name="text">The input as UTF-8.</param>
    /// <param name="run">Pays for it.</param>
    /// <param name="place">Where to say a limit was reached, if anybody asks.</param>
    /// <exception cref="LimitReachedException">The text is too long, or the steps are used up.</exception>
    public bool IsMatch(ReadOnlySpan<byte> text, EvaluationRun run, Trace? place)
    {
        run.ChargeBytes(text.Length);
        if (text.Length > MaxInput)
        {
            throw new LimitReachedException(SchemaCodes.PatternInput, $"is longer than the {MaxInput} bytes that are checked against a pattern") { At = place };
        }

        ushort[]? rented = text.Length > StackInput ? ArrayPool<ushort>.Shared.Rent(text.Length) : null;
        Span<ushort> letters = rented ?? stackalloc ushort[StackInput];
        try
        {
            return automaton.IsMatch(letters[..Spell(text, letters)], run);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<ushort>.Shared.Return(rented);
            }
        }
    }

    private int Spell(ReadOnlySpan<byte> text, Span<ushort> letters)
    {
        int count = 0;
        while (!text.IsEmpty)
        {
            int length = 1;
            int point = text[0] < 0x80 ? text[0] : JsonText.ReadCodePoint(text, out length);
            letters[count++] = automaton.LetterOf(point);
            text = text[length..];
        }

        return count;
    }

    private static (string Code, string Message) FindObstacle(PatternNode tree)
    {
        foreach (PatternNode node in Descendants(tree))
        {
            if (node is PatternNode.Unsupported unsupported)
            {
                return (SchemaCodes.PatternUnsupported, $"the pattern uses {unsupported.What}, which cannot be matched in bounded time here");
            }

            if (node is PatternNode.Repeat repeat && Math.Max(repeat.Least, repeat.Most ?? 0) > MaxRepeat)
            {
                return (SchemaCodes.PatternTooLarge, $"the pattern repeats more than {MaxRepeat} times; use minLength and maxLength for lengths");
            }
        }

        return tree.Weight > MaxWeight
            ? (SchemaCodes.PatternTooLarge, $"the pattern has more than {MaxWeight} places once its repeats are unrolled")
            : ("", "");
    }

    private static IEnumerable<PatternNode> Descendants(PatternNode node) => node switch
    {
        PatternNode.Sequence all => all.Parts.SelectMany(Descendants).Prepend(node),
        PatternNode.Alternatives all => all.Parts.SelectMany(Descendants).Prepend(node),
        PatternNode.Repeat repeat => Descendants(repeat.Part).Prepend(node),
        _ => [node],
    };
}
