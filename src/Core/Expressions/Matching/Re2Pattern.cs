namespace Countersign.Expressions;

/// <summary>What an instruction of an automaton does.</summary>
internal enum MatchStep
{
    /// <summary>Consumes one code point of a set.</summary>
    Set,

    /// <summary>Goes on at two places.</summary>
    Split,

    /// <summary>Goes on elsewhere.</summary>
    Jump,

    /// <summary>Holds at the beginning of the text.</summary>
    TextStart,

    /// <summary>Holds at the end of the text.</summary>
    TextEnd,

    /// <summary>Holds at the beginning of a line.</summary>
    LineStart,

    /// <summary>Holds at the end of a line.</summary>
    LineEnd,

    /// <summary>Holds between a word character of ASCII and another.</summary>
    WordBoundary,

    /// <summary>Holds elsewhere.</summary>
    NoWordBoundary,

    /// <summary>The pattern was found.</summary>
    Found,
}

/// <summary>One instruction; after all but jumps and splits comes the next one.</summary>
internal readonly record struct MatchInstruction(MatchStep Step, int First = 0, int Second = 0, CharacterSet? Set = null);

/// <summary>
/// A pattern in RE2 syntax as a nondeterministic automaton that follows all its states at once (Thompson, 1968): time is
/// the length of the text times the states that are alive, nothing is built while matching, and each state visited is
/// charged. .NET's own non-backtracking engine builds automata as it goes, which a pattern of a dozen characters can make
/// cost gigabytes (measured: 15 GB and 38 s for <c>(.{0,9}a){90}x</c> over 2,000 characters), so it is not used.
/// </summary>
internal sealed class Re2Pattern
{
    /// <summary>UTF-16 units of a pattern.</summary>
    internal const int MaxLength = 256;

    /// <summary>States visited per evaluation step.</summary>
    private const int VisitsPerStep = 128;

    private readonly MatchInstruction[] _program;
    private readonly bool _anchored;

    private Re2Pattern(MatchInstruction[] program)
    {
        _program = program;
        _anchored = program[0].Step == MatchStep.TextStart;
    }

    /// <summary>How many instructions it has.</summary>
    internal int Size => _program.Length;

    internal static bool TryParse(string pattern, out Re2Pattern parsed, out string problem)
    {
        parsed = null!;
        problem = "";
        if (pattern.Length > MaxLength)
        {
            problem = $"a pattern has at most {MaxLength} characters; this one has {pattern.Length}";
            return false;
        }

        try
        {
            parsed = new Re2Pattern(Re2Compiler.Compile(Re2Parser.Parse(pattern)));
            return true;
        }
        catch (PatternException e)
        {
            problem = $"the pattern is wrong at its character {e.Position + 1}: {e.Message}";
            return false;
        }
    }

    /// <summary>Whether some part of the text matches.</summary>
    internal bool IsMatch(ref Evaluation evaluation, string text)
    {
        var size = _program.Length;
        evaluation.Allocate(16L * size);
        var run = new Run(_program, new int[size], new int[size], new int[size], new int[size]);
        var visits = 0;
        var at = 0;
        var before = -1;
        while (true)
        {
            var length = CodePoints.LengthAt(text, at);
            var after = length == 0 ? -1 : length == 2 ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];
            if (run.Enter(before, after, start: at == 0 || !_anchored))
            {
                return true;
            }

            visits += 1 + run.Visited;
            if (visits >= VisitsPerStep)
            {
                evaluation.Charge(visits / VisitsPerStep);
                visits %= VisitsPerStep;
            }

            run.Consume(after);
            if (after < 0 || (_anchored && run.IsOver))
            {
                return false;
            }

            before = after;
            at += length;
        }
    }

    /// <summary>The states that are alive while a text is read.</summary>
    private struct Run(MatchInstruction[] program, int[] alive, int[] pending, int[] seen, int[] stack)
    {
        private int _alive;
        private int _pending;
        private int _position;

        /// <summary>How many instructions were looked at for this position.</summary>
        internal int Visited { get; private set; }

        internal readonly bool IsOver => _pending == 0;

        /// <summary>Follows everything that consumes nothing; true if the pattern was found.</summary>
        internal bool Enter(int before, int after, bool start)
        {
            _position++;
            _alive = 0;
            Visited = 0;
            for (var i = 0; i < _pending; i++)
            {
                if (Follow(pending[i], before, after))
                {
                    return true;
                }
            }

            return start && Follow(0, before, after);
        }

        /// <summary>Moves every state over a code point that it takes.</summary>
        internal void Consume(int codePoint)
        {
            _pending = 0;
            for (var i = 0; i < _alive && codePoint >= 0; i++)
            {
                if (program[alive[i]].Set!.Contains(codePoint))
                {
                    pending[_pending++] = alive[i] + 1;
                }
            }
        }

        private bool Follow(int from, int before, int after)
        {
            // Each instruction is pushed once for a position, so that the stack never outgrows the program.
            var depth = 0;
            Push(from, ref depth);
            while (depth > 0)
            {
                var at = stack[--depth];
                var instruction = program[at];
                switch (instruction.Step)
                {
                    case MatchStep.Found:
                        return true;
                    case MatchStep.Set:
                        alive[_alive++] = at;
                        break;
                    case MatchStep.Jump:
                        Push(instruction.First, ref depth);
                        break;
                    case MatchStep.Split:
                        Push(instruction.Second, ref depth);
                        Push(instruction.First, ref depth);
                        break;
                    default:
                        if (Holds(instruction.Step, before, after))
                        {
                            Push(at + 1, ref depth);
                        }

                        break;
                }
            }

            return false;
        }

        private void Push(int at, ref int depth)
        {
            if (seen[at] != _position)
            {
                seen[at] = _position;
                stack[depth++] = at;
                Visited++;
            }
        }

        private static bool Holds(MatchStep step, int before, int after) => step switch
        {
            MatchStep.TextStart => before < 0,
            MatchStep.TextEnd => after < 0,
            MatchStep.LineStart => before is < 0 or '\n',
            MatchStep.LineEnd => after is < 0 or '\n',
            MatchStep.WordBoundary => IsWord(before) != IsWord(after),
            _ => IsWord(before) == IsWord(after),
        };

        private static bool IsWord(int c) => c is '_' or (>= '0' and <= '9') or (>= 'A' and <= 'Z') or (>= 'a' and <= 'z');
    }
}

/// <summary>What is wrong with a pattern, and at which of its characters.</summary>
internal sealed class PatternException(int position, string message) : Exception(message)
{
    internal int Position { get; } = position;
}
