using System.Buffers;
using Countersign.Schemas.Evaluation;

namespace Countersign.Schemas.Patterns;

/// <summary>
/// Runs the instructions of a pattern over a text, all ways at once: each instruction at most once per place, so the work is
/// bounded by the product of their lengths, needs no clock and keeps nothing between matches (Thompson, CACM 11:6, 1968).
/// </summary>
internal sealed class PatternAutomaton
{
    // A step of a validation is worth about 100 ns; so much work is done in that.
    private const int WorkPerStep = 32;
    private const int LettersPerPayment = 64;

    private readonly PatternInstruction[] code;
    private readonly PatternAlphabet alphabet;
    private readonly ulong[][] sets;
    private readonly bool startsAtStart;

    public PatternAutomaton(PatternNode tree)
    {
        (code, CodePointSet[] points) = PatternProgram.Of(tree);
        alphabet = new PatternAlphabet(points);
        sets = Array.ConvertAll(points, alphabet.LettersOf);
        startsAtStart = StartsAtStart(tree);
    }

    public ushort LetterOf(int point) => alphabet[point];

    /// <summary>Whether the pattern matches somewhere in the text.</summary>
    public bool IsMatch(ReadOnlySpan<ushort> text, EvaluationRun run)
    {
        int size = code.Length;
        int[] rented = ArrayPool<int>.Shared.Rent(size * 4);
        try
        {
            var search = new Search(this, text, rented, size);
            return search.Run(run);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private static bool StartsAtStart(PatternNode node) => node switch
    {
        PatternNode.Anchor anchor => anchor.Place == PatternPlace.Start,
        PatternNode.Sequence all => all.Parts.Count > 0 && StartsAtStart(all.Parts[0]),
        PatternNode.Alternatives all => all.Parts.All(StartsAtStart),
        PatternNode.Repeat repeat => repeat.Least > 0 && StartsAtStart(repeat.Part),
        _ => false,
    };

    /// <summary>One match: the instructions waiting for a letter here and at the next place.</summary>
    private ref struct Search
    {
        private readonly PatternAutomaton automaton;
        private readonly ReadOnlySpan<ushort> text;
        private readonly Span<int> seen;
        private readonly Span<int> stack;
        private Span<int> here;
        private Span<int> next;
        private int nextCount;
        private int work;
        private bool accepted;

        public Search(PatternAutomaton automaton, ReadOnlySpan<ushort> text, Span<int> memory, int size)
        {
            this.automaton = automaton;
            this.text = text;
            here = memory[..size];
            next = memory.Slice(size, size);
            seen = memory.Slice(size * 2, size);
            stack = memory.Slice(size * 3, size);
            seen.Fill(-1);
        }

        public bool Run(EvaluationRun run)
        {
            Follow(0, 0);
            for (int at = 0; !accepted && at < text.Length && (nextCount > 0 || !automaton.startsAtStart); at++)
            {
                Advance(at);
                if (!accepted && !automaton.startsAtStart)
                {
                    Follow(0, at + 1);
                }

                if (at % LettersPerPayment == 0)
                {
                    run.Charge(work / WorkPerStep);
                    work %= WorkPerStep;
                }
            }

            run.Charge(work / WorkPerStep);
            return accepted;
        }

        private void Advance(int at)
        {
            int count = nextCount;
            Span<int> waiting = next;
            next = here;
            here = waiting;
            nextCount = 0;
            work += count;
            ushort letter = text[at];
            for (int i = 0; i < count && !accepted; i++)
            {
                ulong[] set = automaton.sets[automaton.code[waiting[i]].First];
                if ((set[letter >> 6] & (1UL << (letter & 63))) != 0)
                {
                    Follow(waiting[i] + 1, at + 1);
                }
            }
        }

        /// <summary>Goes on from an instruction, without taking a letter, to all that wait for one.</summary>
        private void Follow(int start, int place)
        {
            int depth = 0;
            Push(start, place, ref depth);
            while (depth > 0 && !accepted)
            {
                int at = stack[--depth];
                PatternInstruction instruction = automaton.code[at];
                work++;
                switch (instruction.Action)
                {
                    case PatternAction.Take:
                        next[nextCount++] = at;
                        break;
                    case PatternAction.Check when Holds((PatternPlace)instruction.First, place):
                        Push(at + 1, place, ref depth);
                        break;
                    case PatternAction.Jump:
                        Push(instruction.First, place, ref depth);
                        break;
                    case PatternAction.Fork:
                        Push(instruction.First, place, ref depth);
                        Push(instruction.Second, place, ref depth);
                        break;
                    case PatternAction.Accept:
                        accepted = true;
                        break;
                }
            }
        }

        private void Push(int instruction, int place, ref int depth)
        {
            if (seen[instruction] != place)
            {
                seen[instruction] = place;
                stack[depth++] = instruction;
            }
        }

        private readonly bool Holds(PatternPlace wanted, int place) => wanted switch
        {
            PatternPlace.Start => place == 0,
            PatternPlace.End => place == text.Length,
            PatternPlace.WordBoundary => IsWord(place - 1) != IsWord(place),
            _ => IsWord(place - 1) == IsWord(place),
        };

        private readonly bool IsWord(int at) => at >= 0 && at < text.Length && automaton.alphabet.IsWord(text[at]);
    }
}
