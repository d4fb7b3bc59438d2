using System.Text;
using System.Text.Json;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Core.Tests.Ledger;
using Countersign.Expressions;

namespace Countersign.Core.Tests.Expressions;

/// <summary>
/// Hostile sources on hostile data. Whatever comes in: only our typed error comes out, at a place inside the source;
/// steps and result stay in bounds; two evaluations agree; and the canonical source means the same.
/// </summary>
public sealed class ExpressionFuzz
{
    private static readonly string[] Seeds =
    [
        "a.b > 10.0 && c in d", "input.items.filter(i, i.price > 2.0).map(i, i.price * i.count)", "has(a.b) ? a.b : 'x'",
        "'%s %.2f %x'.format([a, 1.5, b'ab'])", "timestamp('2020-01-01T00:00:00Z') + duration('1h30m') - timestamp(0)",
        "c.matches('^(a|b)*[^c]{2,3}$')", "d.map(x, d.map(y, x + y)).size()", "cel.bind(x, [1, 2], x + x)",
        "c.replace('a', 'bb').split('b').join('-').reverse()", "{'a': [1u, 2], b: null}['a'][1]", "math.greatest(1, 2.5, 3u)",
        "r'\\d' + \"\\u00e9\" + '''x'''", "a.`b-c`.d.exists_one(k, v, k == v)", "-(-(1)) % 0x10 in [1, 2, 3]",
        "d.transformMap(i, v, string(v))", "c.substring(1, 2).charAt(0).indexOf(c)", "int('12') + int(1.5) - int(2u)",
    ];

    private static readonly ExpressionScope Scope = MakeScope();

    [Fact]
    public void Evaluate_AnySource_EndsWithinBoundsAndAgreesWithItsCanonicalForm()
    {
        var (read, gaveValue) = (0, 0);
        FuzzRun.Rounds(4_000, random =>
        {
            var source = Source(ref random);
            if (!Expression.TryParse(source, out var expression, out var error))
            {
                Assert.InRange(error.Offset, 0, source.Length);
                Assert.StartsWith("expression.", error.Code, StringComparison.Ordinal);
                return;
            }

            read++;
            var outcome = Outcome(expression, out var value);
            gaveValue += value is null ? 0 : 1;
            Assert.Equal(outcome, Outcome(expression, out _));
            var canonical = Expression.Parse(expression.ToString(), new ExpressionLimits { SourceBytes = 1_000_000 });
            Assert.Equal(expression.ToString(), canonical.ToString());
            Assert.Equal(outcome, Outcome(canonical, out _));
            Assert.Equal(expression.References.Select(r => r.ToString()), canonical.References.Select(r => r.ToString()));
            CheckStatically(expression);
        });

        // A generator that makes nothing readable would test nothing.
        Assert.True(read > 1_000 && gaveValue > 200, $"{read} were read, {gaveValue} gave a value");
    }

    [Fact]
    public void Matches_AnyPattern_IsRefusedOrRuns()
    {
        var accepted = 0;
        FuzzRun.Rounds(1_000, random =>
        {
            var pattern = Pattern(ref random);
            if (Re2Pattern.TryParse(pattern, out var parsed, out var problem))
            {
                accepted++;
                var evaluation = new Evaluation(null, ExpressionLimits.Default, 0);
                parsed.IsMatch(ref evaluation, "aab1😀\n é");
            }
            else
            {
                Assert.NotEmpty(problem);
            }
        });
        Assert.True(accepted > 100, $"{accepted} accepted");
    }

    private static string Source(ref Seeded random)
    {
        if (random.Next(2) == 0)
        {
            var tree = TreeGrammar.Tree(ref random, 4);
            var printed = Printer.Print(tree);
            return random.Next(3) > 0 ? printed : Encoding.UTF8.GetString(FuzzRun.Mutate(Encoding.UTF8.GetBytes(printed), ref random));
        }

        var seed = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]);
        if (random.Next(3) == 0)
        {
            var other = Encoding.UTF8.GetBytes(Seeds[random.Next(Seeds.Length)]);
            seed = [.. seed[..random.Next(seed.Length)], .. other[random.Next(other.Length)..]];
        }

        return Encoding.UTF8.GetString(FuzzRun.Mutate(seed, ref random));
    }

    private static string Pattern(ref Seeded random)
    {
        string[] pieces =
        [
            "a", "b", ".", "\\d", "\\W", "[a-z]", "[^😀-😎x]", "(", ")", "(?:", "(?i)", "(?P<n>", "|", "*", "+", "?", "{2}", "{1,3}", "^", "$",
            "\\b", "\\pL", "\\P{Lu}", "[[:alpha:]]", "\\x41", "\\Qa.", "\\E", "😀", "[", "]", "\\", "-",
        ];
        var pattern = "";
        for (var i = 1 + random.Next(8); i > 0; i--)
        {
            pattern += pieces[random.Next(pieces.Length)];
        }

        return pattern;
    }

    private static string Outcome(Expression expression, out CelValue? value)
    {
        value = null;
        try
        {
            value = expression.Evaluate(Scope, out var steps);
            Assert.InRange(steps, 0, expression.Limits.Steps);
            var shown = value.Value.ToString();
            Assert.InRange(shown.Length, 0, 8 * expression.Limits.ResultBytes);
            return shown + Json(value.Value);
        }
        catch (ExpressionException e)
        {
            Assert.InRange(e.Offset, 0, expression.Source.Length);
            Assert.True(e.Line > 0, "An error has a place.");
            return e.Code;
        }
    }

    private static string Json(CelValue value)
    {
        try
        {
            return value.ToJsonElement().GetRawText();
        }
        catch (ExpressionException e) when (e.Code is ExpressionErrorCodes.NotJson or ExpressionErrorCodes.Limit)
        {
            return e.Code;
        }
    }

    private static void CheckStatically(Expression expression)
    {
        foreach (var problem in expression.Check(new TypeEnvironment(("a", CelType.Dyn), ("c", CelType.String), ("d", CelType.List(CelType.Dyn)))))
        {
            Assert.InRange(problem.Offset, 0, expression.Source.Length);
        }
    }

    private static ExpressionScope MakeScope()
    {
        using var document = JsonDocument.Parse(
            """
            {
              "a": { "b": 12.5, "b-c": { "d": { "x": 1, "y": "y" } }, "f": [1, 2] }, "b": "key", "c": "aab😀é", "d": ["red", 1, null, [2], {"k": -0.5}],
              "input": { "items": [ { "price": 1.5, "count": 2 }, { "price": 20.0, "count": 1 } ], "f": true }, "x": 7, "y": []
            }
            """);
        return new ExpressionScope(document.RootElement.Clone().EnumerateObject().Select(p => (p.Name, CelValue.FromJson(p.Value))).ToArray());
    }
}
