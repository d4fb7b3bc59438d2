using System.Globalization;

namespace Countersign.Expressions;

/// <summary>One clause of a format, such as <c>%.2f</c> (CEL strings extension, "Format").</summary>
/// <param name="Letter">What follows the <c>%</c> and the precision.</param>
/// <param name="Precision">Digits after the point; 6 where none are given.</param>
internal readonly record struct FormatClause(char Letter, int Precision)
{
    private const int MaxPrecision = 100;

    /// <summary>Reads what follows a <c>%</c>; ends at its last character.</summary>
    internal static bool TryRead(string source, ref int at, out FormatClause clause, out string problem)
    {
        clause = default;
        var precision = 6;
        var explicitPrecision = at < source.Length && source[at] == '.';
        if (explicitPrecision)
        {
            var start = ++at;
            while (at < source.Length && char.IsAsciiDigit(source[at]))
            {
                at++;
            }

            if (!int.TryParse(source.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out precision) || precision > MaxPrecision)
            {
                problem = $"the precision of a format is a number from 0 to {MaxPrecision}";
                return false;
            }
        }

        if (at >= source.Length || !"sdfexXob".Contains(source[at], StringComparison.Ordinal)
            || (explicitPrecision && source[at] is not ('f' or 'e')))
        {
            var shown = at < source.Length ? $"'%{(explicitPrecision ? "." : "")}{source[at]}'" : "a format that ends in '%'";
            problem = $"{shown} is unknown; there are %s %d %f %e %x %X %o %b, with a precision for %f and %e, and %%";
            return false;
        }

        clause = new FormatClause(source[at], precision);
        problem = "";
        return true;
    }

    /// <summary>Whether some value of a type can be written.</summary>
    internal bool Takes(CelType type) => type.IsDyn || Letter switch
    {
        's' => true,
        'd' or 'f' or 'e' => type.IsNumber,
        'x' or 'X' => type.Kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.String or CelTypeKind.Bytes,
        'b' => type.Kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Bool,
        _ => type.Kind is CelTypeKind.Int or CelTypeKind.Uint,
    };

    /// <summary>Shared with the static check, so that both say the same.</summary>
    internal string Refusal(string type) => $"%{Letter} does not take {type}; %s takes every type";

    /// <summary>Shared with the static check, so that both say the same.</summary>
    internal static string TooFew(int count) => $"the format names more values than the list of {count} has";
}
