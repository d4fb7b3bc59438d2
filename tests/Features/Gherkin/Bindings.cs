using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Countersign.Features.Tests.Gherkin;

/// <summary>What a line means: a pattern of the whole line, and what is done with its groups.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Act">What it does.</param>
internal sealed record Binding(Regex Pattern, Func<World, string[], Line, Task> Act)
{
    /// <param name="pattern">A regular expression, in which ' stands for ".</param>
    /// <param name="act">What it does.</param>
    public static Binding To(string pattern, Func<World, string[], Line, Task> act) => new(new Regex($"^{pattern.Replace('\'', '"')}$", RegexOptions.CultureInvariant), act);
}

/// <summary>A line means nothing, or several things, or what it says is not so.</summary>
public sealed class LineException(Line line, string what, Exception? inner = null) : Exception($"{line.Place}: {line.Text}\n  {what}", inner);

/// <summary>Finds what lines mean.</summary>
internal sealed class Bindings(ImmutableArray<Binding> all)
{
    /// <exception cref="LineException">The line is not known, or means several things.</exception>
    public (Binding Binding, string[] Groups) Find(Line line)
    {
        var found = all.Select(binding => (Binding: binding, Match: binding.Pattern.Match(line.Text))).Where(pair => pair.Match.Success).ToList();
        return found switch
        {
            [] => throw new LineException(line, "No step is known by these words."),
            [var one] => (one.Binding, [.. one.Match.Groups.Values.Skip(1).Select(group => group.Value)]),
            _ => throw new LineException(line, "Several steps are known by these words: " + string.Join(" and ", found.Select(pair => pair.Binding.Pattern))),
        };
    }

    /// <exception cref="LineException">A line is not known or not so.</exception>
    public async Task RunAsync(World world, Scenario scenario)
    {
        foreach (var line in scenario.Lines)
        {
            var (binding, groups) = Find(line);
            try
            {
                await binding.Act(world, groups, line);
            }
            catch (Exception exception) when (exception is not LineException)
            {
                throw new LineException(line, exception.Message, exception);
            }
        }
    }
}
