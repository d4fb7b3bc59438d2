namespace Countersign.Language;

/// <summary>Versions of the workflow language.</summary>
public static class LanguageVersion
{
    /// <summary>The version this product writes: 1.0.</summary>
    public static SemanticVersion Current { get; } = new(1, 0, 0);
}
