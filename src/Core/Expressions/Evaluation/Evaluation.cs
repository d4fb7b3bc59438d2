using System.Runtime.CompilerServices;

namespace Countersign.Expressions;

/// <summary>
/// The state of one evaluation, passed by reference through the tree: what is left of its steps and bytes, the scope,
/// the variables of macros, and the place that is being evaluated.
/// </summary>
internal struct Evaluation
{
    private const int ElementsPerStep = 16;
    private const int CharactersPerStep = 1024;

    private int _visits;

    internal Evaluation(IExpressionScope? scope, ExpressionLimits limits, int locals)
    {
        Scope = scope;
        Limits = limits;
        Steps = limits.Steps;
        Memory = limits.Memory;
        Locals = locals == 0 ? [] : new CelValue[locals];
    }

    internal IExpressionScope? Scope { get; }

    internal ExpressionLimits Limits { get; }

    internal CelValue[] Locals { get; }

    /// <summary>Steps left.</summary>
    internal int Steps { get; private set; }

    /// <summary>Bytes left.</summary>
    internal long Memory { get; private set; }

    /// <summary>Offset in the source of what is being evaluated; errors are reported there.</summary>
    internal int At { get; set; }

    /// <summary>For work outside of an expression, on values that were already bounded.</summary>
    internal static Evaluation Unlimited() => new(null, ExpressionLimits.Default, 0) { Steps = int.MaxValue, Memory = long.MaxValue };

    /// <summary>Charges one step at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Step(int offset)
    {
        At = offset;
        if (--Steps < 0)
        {
            OutOfSteps();
        }
    }

    /// <summary>Charges for one element that a built-in looks at.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Visit()
    {
        if (++_visits >= ElementsPerStep)
        {
            _visits = 0;
            Charge(1);
        }
    }

    /// <summary>Charges for looking at text or bytes of this length; short ones are part of their step.</summary>
    internal void Scan(long length)
    {
        if (length >= CharactersPerStep)
        {
            Charge(length / CharactersPerStep);
        }
    }

    /// <summary>Charges whole steps.</summary>
    internal void Charge(long steps)
    {
        if (steps > Steps)
        {
            OutOfSteps();
        }

        Steps -= (int)steps;
    }

    /// <summary>Charges bytes, before they are allocated.</summary>
    internal void Allocate(long bytes)
    {
        if (bytes > Memory)
        {
            throw new ExpressionException(
                ExpressionErrorCodes.Limit,
                $"the evaluation would create more than {Limits.Memory} bytes of strings, lists and maps");
        }

        Memory -= bytes;
    }

    /// <summary>Charges for a string that was decoded out of the host's data.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Decoded(in CelValue value)
    {
        if (value.Kind == CelKind.String && value.RawString.Length >= CharactersPerStep)
        {
            Scan(value.RawString.Length);
            Allocate(value.RawString.Length * 2L);
        }
    }

    internal static void Enter(int depth)
    {
        if (depth > CelComparison.MaxDepth)
        {
            throw new ExpressionException(ExpressionErrorCodes.Limit, $"values nested deeper than {CelComparison.MaxDepth} are not compared");
        }
    }

    /// <summary>An error at the current place.</summary>
    internal readonly CelValue Fail(string code, string message) => CelValue.Error(new Fault(code, message, At));

    private readonly void OutOfSteps() => throw new ExpressionException(
        ExpressionErrorCodes.Limit,
        $"the evaluation needs more than {Limits.Steps} steps; let it look at fewer elements, or split it");
}
