using System.Collections.Immutable;
using global::Gherkin;
using global::Gherkin.Ast;

namespace Countersign.Features.Tests.Gherkin;

/// <summary>The feature files beside the tests.</summary>
public static class FeatureFolder
{
    /// <summary>All scenarios, in the order of the files.</summary>
    public static ImmutableArray<Scenario> Scenarios { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Scenarios"), "*.feature")
            .Order(StringComparer.Ordinal)
            .SelectMany(file => Read(Path.GetFileName(file), File.ReadAllText(file))),
    ];

    /// <summary>File and name of each, for a theory.</summary>
    public static TheoryData<string, string> Names()
    {
        var all = new TheoryData<string, string>();
        foreach (var scenario in Scenarios)
        {
            all.Add(scenario.File, scenario.Name);
        }

        return all;
    }

    /// <summary>The one of this file and name.</summary>
    /// <exception cref="InvalidOperationException">There is none, or several.</exception>
    public static Scenario Find(string file, string name) => Scenarios.Single(scenario => scenario.File == file && scenario.Name == name);

    /// <summary>Reads the scenarios of one file.</summary>
    /// <exception cref="CompositeParserException">The text is no Gherkin; the message has the line.</exception>
    public static IEnumerable<Scenario> Read(string file, string text)
    {
        var feature = new Parser().Parse(new StringReader(text)).Feature;
        var background = feature.Children.OfType<Background>().SelectMany(part => part.Steps).Select(step => Of(file, step, [])).ToImmutableArray();
        foreach (var child in feature.Children.OfType<global::Gherkin.Ast.Scenario>())
        {
            if (!child.Examples.Any())
            {
                yield return new Scenario(file, child.Name, [.. background, .. child.Steps.Select(step => Of(file, step, []))]);
                continue;
            }

            foreach (var examples in child.Examples)
            {
                var names = examples.TableHeader.Cells.Select(cell => cell.Value).ToArray();
                foreach (var row in examples.TableBody)
                {
                    var values = names.Zip(row.Cells.Select(cell => cell.Value)).ToArray();
                    yield return new Scenario(file, Fill(child.Name, values), [.. background, .. child.Steps.Select(step => Of(file, step, values))]);
                }
            }
        }
    }

    private static Line Of(string file, Step step, (string Name, string Value)[] values) => new(
        $"{file}:{step.Location.Line}",
        Fill(step.Text, values),
        step.DocString is { } document ? Fill(document.Content, values) : null,
        step.DataTable is { } table
            ? [.. table.Rows.Select(row => row.Cells.Select(cell => Fill(cell.Value, values)).ToImmutableArray())]
            : []);

    private static string Fill(string text, (string Name, string Value)[] values) =>
        values.Aggregate(text, (filled, pair) => filled.Replace($"<{pair.Name}>", pair.Value, StringComparison.Ordinal));
}
