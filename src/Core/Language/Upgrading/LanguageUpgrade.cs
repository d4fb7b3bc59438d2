using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Countersign.Language;

/// <summary>What migrating a document gave.</summary>
/// <param name="Yaml">The document in the newer language; null when there is an error among the problems.</param>
/// <param name="Changes">What was changed, in plain words, in the order of the document. Empty when it was in that language already.</param>
/// <param name="Problems">What is wrong with the old document, or what the new one still needs. Places are those of the old document.</param>
public sealed record UpgradeResult(string? Yaml, ImmutableArray<string> Changes, ImmutableArray<Problem> Problems);

/// <summary>Migrates documents to newer versions of the language. Comments are not kept.</summary>
public static class LanguageUpgrade
{
    /// <summary>Each entry leads from one major version to the next; a document takes as many as it needs.</summary>
    private static readonly (int From, Func<Node, UpgradeLog, JsonElement?> Migrate)[] Migrations = [(0, UpgradeFromZero.Migrate)];

    /// <summary>Migrates a document.</summary>
    /// <param name="text">The document, YAML or JSON.</param>
    /// <param name="to">The version wanted; null for the newest. Its major must not be older than the document's.</param>
    /// <returns>The new document, which has been read and found valid, or what stands in the way.</returns>
    public static UpgradeResult Upgrade(string text, SemanticVersion? to = null)
    {
        UpgradeLog log = new();
        SemanticVersion target = to ?? LanguageVersion.Current;
        Node? root = DocumentReader.HasLoneSurrogate(text) ? null : DocumentReader.Read(Encoding.UTF8.GetBytes(text), log.Problems);
        if (root is null || log.Problems.HasErrors)
        {
            return log.Failed(root);
        }

        SemanticVersion from = VersionOf(root);
        if (target.Major != LanguageVersion.Current.Major || target > LanguageVersion.Current)
        {
            log.Problems.Error(ProblemCodes.Language, root, $"There is no language {target.ToLanguageString()} to upgrade to; the newest is {LanguageVersion.Current.ToLanguageString()}.");
        }
        else if (from > target)
        {
            log.Problems.Error(ProblemCodes.Language, root.Find("language") ?? root, $"The document is in language {from.ToLanguageString()}, which is newer than {target.ToLanguageString()}.");
        }
        else if (from.Major == target.Major)
        {
            DefinitionResult current = DefinitionReader.Read(text);
            return new UpgradeResult(current.Definition is null ? null : text, [], current.Problems);
        }
        else
        {
            return Run(root, from, log);
        }

        return log.Failed(root);
    }

    private static UpgradeResult Run(Node root, SemanticVersion from, UpgradeLog log)
    {
        JsonElement? document = null;
        foreach ((int major, Func<Node, UpgradeLog, JsonElement?> migrate) in Migrations)
        {
            if (major >= from.Major && migrate(root, log) is { } migrated)
            {
                document = migrated;
                log.Changes.Insert(0, $"The language is {LanguageVersion.Current.ToLanguageString()}{(root.Find("language") is { } written ? $" instead of {written.Text}" : "; the document named none")}.");
            }
        }

        if (document is not { } result || log.Problems.HasErrors)
        {
            return log.Failed(root);
        }

        // What was wrong before is wrong afterwards: the new document is held to the same rules as any other, and its problems are told of the one that people see.
        DefinitionResult read = DefinitionReader.Read(YamlText.Write(result));
        foreach (Problem problem in read.Problems)
        {
            log.Problems.Add(problem, ZeroPlaces.Find(root, problem.Pointer));
        }

        return new UpgradeResult(read.Definition is null ? null : DefinitionWriter.ToYaml(read.Definition), [.. log.Changes], log.Problems.Sorted());
    }

    /// <summary>A document that names no language, or something before 1.0, is of the older shape.</summary>
    private static SemanticVersion VersionOf(Node root)
        => root.Find("language") is { } node && SemanticVersion.TryParseLanguage(node.Text, out SemanticVersion? version) ? version : new SemanticVersion(0, 0, 0);
}

/// <summary>What a migration says while it runs.</summary>
internal sealed class UpgradeLog
{
    public ProblemList Problems { get; } = new();

    public List<string> Changes { get; } = [];

    public UpgradeResult Failed(Node? root)
    {
        if (root is null && !Problems.HasErrors)
        {
            Problems.ErrorAt(ProblemCodes.Encoding, 1, 1, "", "The document holds half of a surrogate pair.");
        }

        return new UpgradeResult(null, [], Problems.Sorted());
    }
}
