using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Steps;

/// <summary>Builds <see cref="FormStep"/>s.</summary>
public static class FormBuilding
{
    /// <summary>Adds a step that waits until a person fills in a form.</summary>
    public static TBuilder Form<TBuilder>(this TBuilder block, string id, ImmutableArray<FormField> fields, Func<FormStep, FormStep>? with = null) where TBuilder : BlockBuilder
        => block.Then(new FormStep { Id = id, Fields = fields }, with);
}
