using Countersign.Features.Tests.Gherkin;

namespace Countersign.Features.Tests.Vocabulary;

/// <summary>All that a line of a scenario can say.</summary>
internal static class Words
{
    public static Bindings All { get; } = new([.. Beginnings.All, .. Deeds.All, .. Outcomes.All]);
}
