using System.Globalization;
using System.Text.Json;
using Countersign.Core.Tests.Vectors;
using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

/// <summary>The public conformance suite of CEL (google/cel-spec), the files that JSON data can reach.</summary>
public sealed class CelVectorTests
{
    public static TheoryData<string> Files
    {
        get
        {
            var data = new TheoryData<string>();
            string[] files = VectorFolder.Find("cel") is { } folder ? Directory.GetFiles(folder, "*.json") : [];
            foreach (var file in files.Order(StringComparer.Ordinal))
            {
                data.Add(Path.GetFileName(file));
            }

            // A theory without data fails at discovery, where it ought to be skipped.
            if (data.Count == 0)
            {
                data.Add("none");
            }

            return data;
        }
    }

    [VectorTheory("cel")]
    [MemberData(nameof(Files))]
    public void Evaluate_ConformanceSuite_GivesTheExpectedOutcome(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(VectorFolder.Find("cel")!, file)));
        var wrong = new List<string>();
        var cases = 0;
        foreach (var test in document.RootElement.EnumerateArray())
        {
            cases++;
            var source = test.GetProperty("expr").GetString()!;
            var (value, error) = Run(source, Scope(test));
            var right = test.TryGetProperty("value", out var expected) ? value is { } v && Same(v, Read(expected)) : error is not null;
            if (!right)
            {
                wrong.Add($"{test.GetProperty("section")}/{test.GetProperty("name")}: {source} gave {value?.ToString() ?? error?.ToString()}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(cases > 0, "The file has no cases.");
    }

    [VectorTheory("cel")]
    [MemberData(nameof(Files))]
    public void ToString_ConformanceSuite_ReadsBackAndMeansTheSame(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(VectorFolder.Find("cel")!, file)));
        foreach (var test in document.RootElement.EnumerateArray())
        {
            if (!Expression.TryParse(test.GetProperty("expr").GetString()!, out var expression, out _))
            {
                continue;
            }

            var printed = expression.ToString();
            var again = Expression.Parse(printed, ExpressionLimits.Default with { SourceBytes = 100_000 });
            Assert.Equal(printed, again.ToString());
            Assert.Equal(Run(expression.Source, Scope(test)).Value?.ToString(), Run(printed, Scope(test)).Value?.ToString());
        }
    }

    private static (CelValue? Value, ExpressionError? Error) Run(string source, ExpressionScope scope)
    {
        try
        {
            return (Expression.Parse(source, ExpressionLimits.Default with { SourceBytes = 100_000 }).Evaluate(scope), null);
        }
        catch (ExpressionException e)
        {
            return (null, e.Error);
        }
    }

    private static ExpressionScope Scope(JsonElement test) => test.TryGetProperty("bindings", out var bindings)
        ? new(bindings.EnumerateObject().Select(binding => (binding.Name, Read(binding.Value))).ToArray())
        : new();

    /// <summary>Stricter than ==: kinds, the sign of zero and NaN count.</summary>
    private static bool Same(CelValue a, CelValue b) => a.Kind == b.Kind && a.Kind switch
    {
        CelKind.Double => BitConverter.DoubleToInt64Bits(a.AsDouble()) == BitConverter.DoubleToInt64Bits(b.AsDouble()),
        CelKind.List => a.AsList().Count == b.AsList().Count && a.AsList().Zip(b.AsList(), Same).All(same => same),
        _ => a == b,
    };

    private static CelValue Read(JsonElement tagged)
    {
        var (tag, value) = tagged.EnumerateObject().Select(p => (p.Name, p.Value)).Single();
        return tag switch
        {
            "int" => CelValue.Int(long.Parse(value.GetString()!, CultureInfo.InvariantCulture)),
            "uint" => CelValue.Uint(ulong.Parse(value.GetString()!, CultureInfo.InvariantCulture)),
            "double" => CelValue.Double(ReadDouble(value.GetString()!)),
            "bool" => CelValue.Bool(value.GetBoolean()),
            "string" => CelValue.String(value.GetString()!),
            "bytes" => CelValue.Bytes(Convert.FromHexString(value.GetString()!)),
            "null" => CelValue.Null,
            "list" => CelValue.List(value.EnumerateArray().Select(Read).ToArray()),
            "map" => CelValue.Map(value.EnumerateArray().Select(entry => KeyValuePair.Create(Read(entry[0]), Read(entry[1])))),
            _ => throw new InvalidOperationException($"The vectors have a new tag: {tag}."),
        };
    }

    private static double ReadDouble(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
