using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Countersign.Schemas.Evaluation;
using Countersign.Schemas.Values;

namespace Countersign.Schemas.Patterns;

/// <summary>
/// A pattern of ECMA-262 that matches in time proportional to the input: translated to .NET's automaton engine, which never
/// backtracks, with bounds on the pattern, the input and the time (spec/security.md, "patterns").
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

    // The engine builds its states while it matches and keeps up to 10,000 of them, some 12 MB for a pattern made for it.
    private const long KeptStates = 1 << 20;
    private const int BytesPerStep = 16;

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(100);

    private readonly PatternAlphabet alphabet;
    private readonly string translated;
    private volatile Regex regex;
    private long grown;

    private SafePattern(string source, PatternAlphabet alphabet, string translated)
    {
        Source = source;
        this.alphabet = alphabet;
        this.translated = translated;
        regex = Build();
    }

    /// <summary>The pattern as written.</summary>
    public string Source { get; }

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
            return code.Length == 0 ? Translate(source, tree) : null;
        }
        catch (PatternSyntaxException error)
        {
            code = SchemaCodes.PatternSyntax;
            message = $"the pattern {error.Message} (at character {error.Position + 1})";
        }
        catch (NotSupportedException)
        {
            code = SchemaCodes.PatternTooLarge;
            message = "the pattern unrolls to more places than can be matched in bounded time";
        }

        return null;
    }

    /// <summary>Whether the pattern matches somewhere in the text.</summary>
    /// <param name="text">The input as UTF-8.</param>
    /// <param name="run">Pays for it.</param>
    /// <param name="place">Where to say a limit was reached, if anybody asks.</param>
    /// <exception cref="LimitReachedException">The text is too long, or matching it took too long.</exception>
    public bool IsMatch(ReadOnlySpan<byte> text, EvaluationRun run, Trace? place)
    {
        run.Charge(1 + (text.Length >> 2));
        if (text.Length > MaxInput)
        {
            throw new LimitReachedException(SchemaCodes.PatternInput, $"is longer than the {MaxInput} bytes that are checked against a pattern") { At = place };
        }

        char[]? rented = text.Length > StackInput ? ArrayPool<char>.Shared.Rent(text.Length) : null;
        Span<char> letters = rented ?? stackalloc char[StackInput];
        try
        {
            return Match(letters[..Spell(text, letters)], run);
        }
        catch (RegexMatchTimeoutException)
        {
            throw new LimitReachedException(SchemaCodes.PatternTimeout, $"took more than {Timeout.TotalMilliseconds} ms to check against a pattern") { At = place };
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<char>.Shared.Return(rented);
            }
        }
    }

    private Regex Build() =>
        new(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Timeout);

    /// <summary>Matches, and pays for the states built on the way; an engine that has grown large makes room for a new one.</summary>
    private bool Match(ReadOnlySpan<char> letters, EvaluationRun run)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            return regex.IsMatch(letters);
        }
        finally
        {
            long built = GC.GetAllocatedBytesForCurrentThread() - before;
            if (built > 0)
            {
                if (Interlocked.Add(ref grown, built) > KeptStates)
                {
                    Interlocked.Exchange(ref grown, 0);
                    regex = Build();
                }

                run.Charge(built / BytesPerStep);
            }
        }
    }

    private int Spell(ReadOnlySpan<byte> text, Span<char> letters)
    {
        int count = 0;
        while (!text.IsEmpty)
        {
            int length = 1;
            int point = text[0] < 0x80 ? text[0] : JsonText.ReadCodePoint(text, out length);
            letters[count++] = alphabet[point];
            text = text[length..];
        }

        return count;
    }

    private static SafePattern Translate(string source, PatternNode tree)
    {
        var sets = new List<CodePointSet>();
        CollectSets(tree, sets);
        var alphabet = new PatternAlphabet(sets);
        var text = new StringBuilder();
        Write(tree, alphabet, text);
        return new SafePattern(source, alphabet, text.ToString());
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

    private static void CollectSets(PatternNode tree, List<CodePointSet> sets)
    {
        foreach (PatternNode node in Descendants(tree))
        {
            if (node is PatternNode.OneOf one)
            {
                sets.Add(one.Set);
            }
        }
    }

    private static void Write(PatternNode node, PatternAlphabet alphabet, StringBuilder text)
    {
        switch (node)
        {
            case PatternNode.OneOf one:
                string letters = alphabet.LettersOf(one.Set);
                text.Append(letters.Length == 0 ? @"[^\s\S]" : $"[{letters}]");
                break;
            case PatternNode.Anchor anchor:
                text.Append(anchor.Text);
                break;
            case PatternNode.Sequence all:
                WriteGroup(all.Parts, "", alphabet, text);
                break;
            case PatternNode.Alternatives all:
                WriteGroup(all.Parts, "|", alphabet, text);
                break;
            case PatternNode.Repeat repeat:
                text.Append("(?:");
                Write(repeat.Part, alphabet, text);
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"){{{repeat.Least},{repeat.Most}}}");
                break;
        }
    }

    private static void WriteGroup(IReadOnlyList<PatternNode> parts, string separator, PatternAlphabet alphabet, StringBuilder text)
    {
        text.Append("(?:");
        for (int i = 0; i < parts.Count; i++)
        {
            text.Append(i == 0 ? "" : separator);
            Write(parts[i], alphabet, text);
        }

        text.Append(')');
    }
}
