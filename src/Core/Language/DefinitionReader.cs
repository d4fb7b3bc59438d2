using System.Security.Cryptography;
using System.Text;
using Countersign.Canonical;
using Countersign.Schemas;

namespace Countersign.Language;

/// <summary>Reads definitions. Whatever the text is, the answer is a result; nothing is thrown.</summary>
public static class DefinitionReader
{
    /// <summary>Reads YAML, or JSON where the text begins with <c>{</c>.</summary>
    /// <param name="utf8">The document in UTF-8, at most 256 KB.</param>
    /// <returns>The definition, unless there is an error, and everything that was found.</returns>
    public static DefinitionResult Read(ReadOnlySpan<byte> utf8) => Read(utf8, new ProblemList());

    /// <summary>Reads a document that was saved before. Rules that were made after it was saved do not refuse it: runs are pinned to it.</summary>
    /// <param name="utf8">The document in UTF-8.</param>
    public static DefinitionResult ReadStored(ReadOnlySpan<byte> utf8) => Read(utf8, new ProblemList(stored: true));

    private static DefinitionResult Read(ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        Node? root = DocumentReader.Read(utf8, problems);
        Definition? definition = root is null ? null : Read(root, problems);
        return new DefinitionResult(problems.HasErrors ? null : definition, problems.Sorted());
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    /// <param name="text">The document.</param>
    public static DefinitionResult Read(string text)
    {
        if (!DocumentReader.HasLoneSurrogate(text))
        {
            return Read(Encoding.UTF8.GetBytes(text));
        }

        ProblemList problems = new();
        problems.ErrorAt(ProblemCodes.Encoding, 1, 1, "", "The document holds half of a surrogate pair.");
        return new DefinitionResult(null, problems.Sorted());
    }

    /// <summary>Reads a document that is known to be valid.</summary>
    /// <exception cref="DefinitionException">It is not valid.</exception>
    public static Definition ReadValid(ReadOnlySpan<byte> utf8)
    {
        DefinitionResult result = Read(utf8);
        return result.Definition ?? throw new DefinitionException(result.Problems);
    }

    private static Definition? Read(Node root, ProblemList problems)
    {
        if (root.Kind != NodeKind.Object)
        {
            if (root.Kind != NodeKind.Broken)
            {
                problems.Error(ProblemCodes.WrongType, root, "A definition is an object with 'language', 'name', 'version', 'start' and 'steps'.");
            }

            return null;
        }

        if (!SpeaksOurLanguage(root, problems))
        {
            return null;
        }

        ReadContext context = new(problems);
        DefinitionParts? parts = DefinitionShape.Shape.Read(root, context);
        Dictionary<string, JsonSchema> schemas = DefinitionCheck.Check(parts, root, context);
        return parts is null || problems.HasErrors ? null : Finish(parts, schemas, context);
    }

    /// <summary>A document of another major version would only give misleading problems.</summary>
    private static bool SpeaksOurLanguage(Node root, ProblemList problems)
    {
        if (root.Find("language") is not { Kind: NodeKind.Text } node || !SemanticVersion.TryParseLanguage(node.Text, out SemanticVersion? language))
        {
            return true;
        }

        SemanticVersion current = LanguageVersion.Current;
        if (language.Major > current.Major)
        {
            problems.Error(ProblemCodes.Language, node, $"The document is in language {node.Text}; this version reads {current.ToLanguageString()}. A newer version of the product is needed.");
        }
        else if (language.Major < current.Major)
        {
            problems.Error(ProblemCodes.Language, node, $"The document is in language {node.Text}; 'countersign upgrade' migrates it to {current.ToLanguageString()}.");
        }
        else if (language > current)
        {
            problems.Warning(ProblemCodes.Language, node, $"The document is in language {node.Text}; this version knows {current.ToLanguageString()} and refuses what it does not know.");
        }

        return language.Major == current.Major;
    }

    private static Definition Finish(DefinitionParts parts, Dictionary<string, JsonSchema> schemas, ReadContext context)
    {
        byte[] canonical = CanonicalJson.Canonicalize(DefinitionWriter.Bytes(parts, indented: false).Span);
        ILookup<string, Template> templates = context.Templates
            .Where(site => site.Use is not TemplateUse.BlockOutput && site.Step is not null)
            .ToLookup(site => site.Step!.Id, site => site.Template, StringComparer.Ordinal);
        return new Definition(parts, schemas, templates, canonical, Convert.ToHexStringLower(SHA256.HashData(canonical)));
    }
}
