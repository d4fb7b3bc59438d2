namespace Countersign.Schemas.Patterns;

/// <summary>What one instruction of a pattern does.</summary>
internal enum PatternAction
{
    /// <summary>Takes one letter out of a set, then goes to the next instruction.</summary>
    Take,

    /// <summary>Goes to the next instruction where the place is right.</summary>
    Check,

    /// <summary>Goes to both targets.</summary>
    Fork,

    /// <summary>Goes to the target.</summary>
    Jump,

    /// <summary>The pattern has matched.</summary>
    Accept,
}

/// <summary>One instruction of a pattern.</summary>
/// <param name="Action">What it does.</param>
/// <param name="First">The set of <see cref="PatternAction.Take"/>, the <see cref="PatternPlace"/> of <see cref="PatternAction.Check"/>, or a target.</param>
/// <param name="Second">The other target of <see cref="PatternAction.Fork"/>.</param>
internal readonly record struct PatternInstruction(PatternAction Action, int First, int Second);

/// <summary>Writes a syntax tree as instructions, repeats unrolled (Thompson's construction).</summary>
internal sealed class PatternProgram
{
    private readonly List<PatternInstruction> code = [];
    private readonly List<CodePointSet> sets = [];

    private PatternProgram()
    {
    }

    /// <summary>The instructions, and the sets their <see cref="PatternAction.Take"/> refers to by position.</summary>
    public static (PatternInstruction[] Code, CodePointSet[] Sets) Of(PatternNode tree)
    {
        var program = new PatternProgram();
        program.Write(tree);
        program.Add(PatternAction.Accept);
        return ([.. program.code], [.. program.sets]);
    }

    private int Add(PatternAction action, int first = 0, int second = 0)
    {
        code.Add(new PatternInstruction(action, first, second));
        return code.Count - 1;
    }

    private void Write(PatternNode node)
    {
        switch (node)
        {
            case PatternNode.OneOf one:
                Add(PatternAction.Take, SetOf(one.Set));
                break;
            case PatternNode.Anchor anchor:
                Add(PatternAction.Check, (int)anchor.Place);
                break;
            case PatternNode.Sequence all:
                foreach (PatternNode part in all.Parts)
                {
                    Write(part);
                }

                break;
            case PatternNode.Alternatives all:
                WriteAlternatives(all.Parts);
                break;
            case PatternNode.Repeat repeat:
                WriteRepeat(repeat);
                break;
        }
    }

    private int SetOf(CodePointSet set)
    {
        int at = sets.FindIndex(s => s.Ranges.SequenceEqual(set.Ranges));
        if (at < 0)
        {
            sets.Add(set);
            at = sets.Count - 1;
        }

        return at;
    }

    private void WriteAlternatives(IReadOnlyList<PatternNode> parts)
    {
        var ends = new List<int>();
        for (int i = 0; i < parts.Count; i++)
        {
            bool last = i == parts.Count - 1;
            int fork = last ? -1 : Add(PatternAction.Fork);
            Write(parts[i]);
            if (!last)
            {
                ends.Add(Add(PatternAction.Jump));
                code[fork] = new PatternInstruction(PatternAction.Fork, fork + 1, code.Count);
            }
        }

        foreach (int end in ends)
        {
            code[end] = new PatternInstruction(PatternAction.Jump, code.Count, 0);
        }
    }

    private void WriteRepeat(PatternNode.Repeat repeat)
    {
        for (int i = 0; i < repeat.Least; i++)
        {
            Write(repeat.Part);
        }

        if (repeat.Most is null)
        {
            int loop = Add(PatternAction.Fork);
            Write(repeat.Part);
            Add(PatternAction.Jump, loop);
            code[loop] = new PatternInstruction(PatternAction.Fork, loop + 1, code.Count);
            return;
        }

        var exits = new List<int>();
        for (int i = repeat.Least; i < repeat.Most; i++)
        {
            exits.Add(Add(PatternAction.Fork));
            Write(repeat.Part);
        }

        foreach (int exit in exits)
        {
            code[exit] = new PatternInstruction(PatternAction.Fork, exit + 1, code.Count);
        }
    }
}
