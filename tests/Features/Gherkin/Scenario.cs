using System.Collections.Immutable;

namespace Countersign.Features.Tests.Gherkin;

/// <summary>A line of a scenario, with what hangs on it.</summary>
/// <param name="Place">File and line.</param>
/// <param name="Text">The line, without its keyword.</param>
/// <param name="Document">The text between the three quotation marks; null where there is none.</param>
/// <param name="Rows">The table; empty where there is none.</param>
public sealed record Line(string Place, string Text, string? Document, ImmutableArray<ImmutableArray<string>> Rows);

/// <summary>A scenario, its background included and its examples filled in.</summary>
/// <param name="File">The feature file.</param>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Lines">What is done and expected.</param>
public sealed record Scenario(string File, string Name, ImmutableArray<Line> Lines);
