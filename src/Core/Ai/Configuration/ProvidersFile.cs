using System.Collections.Immutable;
using Countersign.Language;

namespace Countersign.Ai;

/// <summary>What a host's providers file says: which providers there are, and what their models cost. It never holds a key.</summary>
public sealed record ProvidersFile
{
    /// <summary>What the file is called in messages.</summary>
    public string Source { get; init; } = "providers";

    /// <summary>The provider used where a step names none; null for the first one.</summary>
    public string? Default { get; init; }

    /// <summary>The providers, at least one.</summary>
    public ImmutableArray<ProviderEntry> Providers { get; init; } = [];

    /// <summary>Prices, before the built-in ones.</summary>
    public ImmutableArray<PriceEntry> Prices { get; init; } = [];

    /// <summary>Reads a file, YAML or JSON.</summary>
    /// <param name="utf8">Its content, at most 256 KB.</param>
    /// <param name="source">What it is called in messages, such as its path.</param>
    /// <exception cref="ProvidersInvalidException">It is not of the form; the message names every place, with line and field.</exception>
    public static ProvidersFile Read(ReadOnlySpan<byte> utf8, string source)
    {
        ProblemList problems = new();
        ProvidersFile? read = null;
        if (DocumentReader.Read(utf8, problems) is { } root)
        {
            ProvidersShape.File.TryRead(root, new ReadContext(problems), out read);
            read = read is null ? null : read with { Source = source, Root = root };
        }

        return read is null || problems.HasErrors ? throw new ProvidersInvalidException(source, problems.Sorted()) : read;
    }

    /// <summary>Reads what a setting holds: the file's content, where it has a line break or begins with <c>{</c>, else its path.</summary>
    /// <param name="setting">The setting's value.</param>
    /// <param name="name">The setting's name, for messages.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProvidersInvalidException">It is not of the form.</exception>
    /// <exception cref="IOException">There is no such file.</exception>
    public static async Task<ProvidersFile> FromSettingAsync(string setting, string name, CancellationToken cancellationToken = default) =>
        setting.Contains('\n', StringComparison.Ordinal) || setting.AsSpan().TrimStart().StartsWith("{")
            ? Read(System.Text.Encoding.UTF8.GetBytes(setting), name)
            : Read(await System.IO.File.ReadAllBytesAsync(setting, cancellationToken), setting);

    /// <summary>The document it was read from; null where it was made in code.</summary>
    internal Node? Root { get; init; }

    /// <summary>A problem at a field of the document.</summary>
    internal Problem At(string pointer, string message)
    {
        var node = Root?.Nearest(Node.Tokens(pointer));
        return new Problem(ProblemCodes.BadValue, ProblemSeverity.Error, message, node?.Line ?? 1, node?.Column ?? 1, pointer);
    }
}

/// <summary>One provider.</summary>
public sealed record ProviderEntry
{
    /// <summary>The name definitions and prices know it by: <c>[a-z][a-z0-9-]{0,63}</c>.</summary>
    public string Name { get; init; } = "";

    /// <summary>Which interface it speaks.</summary>
    public ProviderType Type { get; init; }

    /// <summary>Where it is; null for the vendor's own address.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Where its key is; null for none.</summary>
    public KeySource? Key { get; init; }

    /// <summary>How it knows us; default by key.</summary>
    public ProviderAuth Auth { get; init; }

    /// <summary>The scope of Entra tokens; null for <see cref="AzureOpenAiProvider.DefaultScope"/>.</summary>
    public string? Scope { get; init; }

    /// <summary>The model used where a step names none; null where a step must name one.</summary>
    public string? Model { get; init; }

    /// <summary>The only models that may be named; empty for any.</summary>
    public ImmutableArray<string> Models { get; init; } = [];
}

/// <summary>Which interface a provider speaks.</summary>
public enum ProviderType
{
    /// <summary>OpenAI, or a server with its chat interface.</summary>
    OpenAi,

    /// <summary>Azure OpenAI, version 1 of its interface.</summary>
    AzureOpenAi,

    /// <summary>Anthropic.</summary>
    Anthropic,

    /// <summary>The mock.</summary>
    Mock,
}

/// <summary>How a provider knows who asks.</summary>
public enum ProviderAuth
{
    /// <summary>By a key.</summary>
    Key,

    /// <summary>By a token of Microsoft Entra, for the identity that the host runs under.</summary>
    Entra,
}

/// <summary>Where a key is kept. Exactly one is set.</summary>
/// <param name="Env">The name of an environment variable, or of an app setting.</param>
/// <param name="Secret">The name of a secret of the host's own.</param>
public sealed record KeySource(string? Env, string? Secret)
{
    /// <summary>Where it is, in words.</summary>
    public override string ToString() => Env is null ? $"the host's secret '{Secret}'" : $"the environment variable {Env}";
}

/// <summary>What a model costs, in US dollars for a million tokens.</summary>
/// <param name="Model"><c>provider/model</c>; a <c>*</c> at the end stands for all that begin so.</param>
/// <param name="Input">Tokens of questions; at least 0.</param>
/// <param name="Output">Tokens of answers; at least 0.</param>
public sealed record PriceEntry(string Model, decimal Input, decimal Output);

/// <summary>A providers file is not of the form, or names a key that is not there.</summary>
public sealed class ProvidersInvalidException : Exception
{
    /// <summary>The code of this error, <c>ai.providers-invalid</c>; see docs/errors.</summary>
    public const string ErrorCode = "ai.providers-invalid";

    /// <summary>Makes the error from what was found.</summary>
    /// <param name="source">What the file is called.</param>
    /// <param name="problems">What is wrong with it.</param>
    public ProvidersInvalidException(string source, ImmutableArray<Problem> problems)
        : base($"{ErrorCode}: the providers are not set up as they should be:"
            + string.Concat(problems.Select(problem => $"\n{source}({problem.Line},{problem.Column}): {(problem.Pointer.Length == 0 ? "/" : problem.Pointer)}: {problem.Message}")))
        => (Problems, File) = (problems, source);

    /// <summary>What the file is called.</summary>
    public string File { get; }

    /// <summary>The code of this error.</summary>
    public string Code { get; } = ErrorCode;

    /// <summary>All that was found, in the order of the document.</summary>
    public ImmutableArray<Problem> Problems { get; }
}
