using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Countersign.Expressions;

namespace Countersign.Bench;

/// <summary>Evaluations per second of one core, and what each allocates.</summary>
public static class ExpressionsBench
{
    private const string Input = """
        {
          "a": { "b": 12.5, "name": "Ada" },
          "c": "green",
          "d": ["red", "yellow", "green", "blue"],
          "items": [ { "price": 1.5, "count": 2 }, { "price": 20.0, "count": 1 }, { "price": 3.25, "count": 8 } ]
        }
        """;

    /// <summary>Runs all measurements and prints one line for each.</summary>
    public static void Run()
    {
        using var document = JsonDocument.Parse(Input);
        var root = document.RootElement;
        var names = new ExpressionScope(
            ("a", CelValue.FromJson(root.GetProperty("a"))),
            ("c", CelValue.FromJson(root.GetProperty("c"))),
            ("d", CelValue.FromJson(root.GetProperty("d"))));
        var input = new ExpressionScope(("input", CelValue.FromJson(root)));
        Measure("target", "a.b > 10.0 && c in d", names);
        Measure("target under one name", "input.a.b > 10.0 && input.c in input.d", input);
        Measure("literal list", "c in ['red', 'green'] ? 1 : 2", names);
        Measure("comprehension of 3", "input.items.exists(i, i.price * i.count > 20.0)", input);
        Measure("sum by map", "input.items.filter(i, i.price > 2.0).map(i, i.price * i.count)", input);
        Measure("text", "'Hello ' + input.a.name + '!'", input);
        Measure("absorbed error", "input.missing > 1.0 || c == 'green'", new ExpressionScope(
            ("input", CelValue.FromJson(root)), ("c", CelValue.FromJson(root.GetProperty("c")))));
        MeasureParse("a.b > 10.0 && c in d");
    }

    private static void Measure(string name, string source, ExpressionScope scope)
    {
        var expression = Expression.Parse(source);
        Report(name, source, () => expression.Evaluate(scope));
    }

    private static void MeasureParse(string source) => Report("parse", source, () => Expression.Parse(source));

    /// <summary>
    /// Warms up, then takes the median of five runs of a second. Counted by processor time, so that other load on the
    /// machine does not decide the figure.
    /// </summary>
    private static void Report<T>(string name, string source, Func<T> work)
    {
        var rates = new List<double>();
        var bytes = 0.0;
        for (var run = 0; run < 6; run++)
        {
            var watch = Stopwatch.StartNew();
            var started = Environment.CpuUsage.TotalTime;
            var before = GC.GetAllocatedBytesForCurrentThread();
            long count = 0;
            while (watch.ElapsedMilliseconds < (run == 0 ? 500 : 1000))
            {
                for (var i = 0; i < 1000; i++)
                {
                    work();
                }

                count += 1000;
            }

            bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)count;
            if (run > 0)
            {
                rates.Add(count / (Environment.CpuUsage.TotalTime - started).TotalSeconds);
            }
        }

        rates.Sort();
        var rate = rates[rates.Count / 2];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"expressions {name,-22} {rate,12:N0}/s {1e9 / rate,8:N0} ns {bytes,6:N0} bytes   {source}"));
    }
}
