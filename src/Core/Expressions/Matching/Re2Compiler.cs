namespace Countersign.Expressions;

/// <summary>A part of a pattern.</summary>
internal abstract record PatternPart
{
    /// <summary>One code point out of a set.</summary>
    internal sealed record One(CharacterSet Set) : PatternPart;

    /// <summary>A condition on the place.</summary>
    internal sealed record Place(MatchStep Step) : PatternPart;

    /// <summary>Parts in a row; none is the empty text.</summary>
    internal sealed record Row(List<PatternPart> Parts) : PatternPart;

    /// <summary>One part out of several.</summary>
    internal sealed record Choice(List<PatternPart> Parts) : PatternPart;

    /// <summary>A part several times; most is −1 for any number.</summary>
    internal sealed record Repeat(PatternPart Part, int Least, int Most) : PatternPart;
}

/// <summary>Writes the automaton of a pattern, with its repeats written out.</summary>
internal sealed class Re2Compiler
{
    private readonly List<MatchInstruction> _program = [];

    internal static MatchInstruction[] Compile(PatternPart pattern)
    {
        var compiler = new Re2Compiler();
        compiler.Emit(pattern);
        compiler._program.Add(new(MatchStep.Found));
        return compiler._program.ToArray();
    }

    private void Emit(PatternPart part)
    {
        switch (part)
        {
            case PatternPart.One one:
                _program.Add(new(MatchStep.Set, Set: one.Set));
                break;
            case PatternPart.Place place:
                _program.Add(new(place.Step));
                break;
            case PatternPart.Row row:
                row.Parts.ForEach(Emit);
                break;
            case PatternPart.Choice choice:
                EmitChoice(choice.Parts);
                break;
            case PatternPart.Repeat repeat:
                EmitRepeat(repeat);
                break;
        }
    }

    private void EmitChoice(List<PatternPart> parts)
    {
        var exits = new List<int>();
        for (var i = 0; i < parts.Count; i++)
        {
            var split = _program.Count;
            var last = i == parts.Count - 1;
            if (!last)
            {
                _program.Add(default);
            }

            Emit(parts[i]);
            if (!last)
            {
                exits.Add(_program.Count);
                _program.Add(default);
                _program[split] = new(MatchStep.Split, split + 1, _program.Count);
            }
        }

        foreach (var exit in exits)
        {
            _program[exit] = new(MatchStep.Jump, _program.Count);
        }
    }

    private void EmitRepeat(PatternPart.Repeat repeat)
    {
        for (var i = 0; i < repeat.Least; i++)
        {
            Emit(repeat.Part);
        }

        if (repeat.Most < 0)
        {
            var loop = _program.Count;
            _program.Add(default);
            Emit(repeat.Part);
            _program.Add(new(MatchStep.Jump, loop));
            _program[loop] = new(MatchStep.Split, loop + 1, _program.Count);
            return;
        }

        var skips = new List<int>();
        for (var i = repeat.Least; i < repeat.Most; i++)
        {
            skips.Add(_program.Count);
            _program.Add(default);
            Emit(repeat.Part);
        }

        foreach (var skip in skips)
        {
            _program[skip] = new(MatchStep.Split, skip + 1, _program.Count);
        }
    }
}
