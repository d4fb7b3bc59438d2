using Countersign.Language;

namespace Countersign.Ai;

/// <summary>The fields of a providers file.</summary>
internal static class ProvidersShape
{
    private static readonly ChoiceType<ProviderType> Type = new(
        ("openai", ProviderType.OpenAi), ("azure-openai", ProviderType.AzureOpenAi), ("anthropic", ProviderType.Anthropic), ("mock", ProviderType.Mock));

    private static readonly ChoiceType<ProviderAuth> Auth = new(("key", ProviderAuth.Key), ("entra", ProviderAuth.Entra));

    private static readonly ObjectType<KeySource> Key = new("key", () => new Shape<KeySource>(() => new KeySource(null, null))
        .Optional("env", NameType.Variable, k => k.Env, (k, v) => k with { Env = v }, "The environment variable, or the app setting, that holds the key.")
        .Optional("secret", NameType.Secret, k => k.Secret, (k, v) => k with { Secret = v }, "The secret of the host that holds the key.")
        .Rule((_, node, context) => Constraints.RequireExactlyOne(node, context, "env", "secret")));

    private static readonly ObjectType<ProviderEntry> Provider = new("provider", () => new Shape<ProviderEntry>(() => new ProviderEntry())
        .Required("name", NameType.Provider, p => p.Name, (p, v) => p with { Name = v }, "The name that definitions and prices know it by.")
        .Required("type", Type, p => p.Type, (p, v) => p with { Type = v }, "The interface it speaks.")
        .Optional("endpoint", EndpointType.Instance, p => p.Endpoint, (p, v) => p with { Endpoint = v }, "Where it is; left out, the vendor's own address. `openai` with its version (`…/v1`), `anthropic` without.")
        .Optional("key", Key, p => p.Key, (p, v) => p with { Key = v }, "Where its key is kept. The key itself never stands in this file.")
        .Default("auth", Auth, ProviderAuth.Key, p => p.Auth, (p, v) => p with { Auth = v }, "`entra` signs in as the host's own identity; `azure-openai` on the function app only.")
        .Optional("scope", NameType.Scope, p => p.Scope, (p, v) => p with { Scope = v }, $"The scope of its tokens, with `auth: entra`; left out, `{AzureOpenAiProvider.DefaultScope}`.")
        .Optional("model", TextType.Label, p => p.Model, (p, v) => p with { Model = v }, "The model, or Azure's deployment, where a step names none.")
        .List("models", new ListType<string>(TextType.Label, 1, 200), p => p.Models, (p, v) => p with { Models = v }, "The only models that steps may name; left out, any.")
        .Rule(CheckProvider));

    private static readonly ObjectType<PriceEntry> Price = new("price", () => new Shape<PriceEntry>(() => new PriceEntry("", 0, 0))
        .Required("model", NameType.PricedModel, p => p.Model, (p, v) => p with { Model = v }, "`provider/model`; a `*` at the end stands for all that begin so.")
        .Required("input", DollarType.Instance, p => p.Input, (p, v) => p with { Input = v }, "US dollars for a million tokens of questions.")
        .Required("output", DollarType.Instance, p => p.Output, (p, v) => p with { Output = v }, "US dollars for a million tokens of answers."));

    public static ObjectType<ProvidersFile> File { get; } = new("providers file", () => new Shape<ProvidersFile>(() => new ProvidersFile())
        .Optional("default", NameType.Provider, f => f.Default, (f, v) => f with { Default = v }, "The provider used where a step names none; left out, the first one.")
        .Required("providers", new ListType<ProviderEntry>(Provider, 1, 100), f => f.Providers, (f, v) => f with { Providers = v }, "The providers.")
        .List("prices", new ListType<PriceEntry>(Price, 1, 1000), f => f.Prices, (f, v) => f with { Prices = v }, "What models cost, before the built-in prices.")
        .Rule(CheckFile));

    private static void CheckProvider(ProviderEntry provider, Node node, ReadContext context)
    {
        void Refuse(string field, string message) => context.Problems.Error(ProblemCodes.FieldCombination, node.Find(field) ?? node, message);
        void Only(string field, bool allowed, string message)
        {
            if (!allowed && node.Find(field) is not null)
            {
                Refuse(field, message);
            }
        }

        Only("endpoint", provider.Type != ProviderType.Mock, "A mock talks to nobody; leave 'endpoint' out.");
        Only("key", provider.Type != ProviderType.Mock, "A mock needs no key.");
        Only("auth", provider.Type == ProviderType.AzureOpenAi, "Only a provider of type 'azure-openai' has 'auth'.");
        Only("scope", provider.Auth == ProviderAuth.Entra, "'scope' goes with 'auth: entra', and only with it.");
        Only("key", provider.Auth != ProviderAuth.Entra, "'auth: entra' takes no key.");
        if (provider.Type == ProviderType.AzureOpenAi && provider.Endpoint is null)
        {
            Refuse("endpoint", "The field 'endpoint' is missing: the address of the resource, such as https://my-resource.openai.azure.com.");
        }

        // A server of one's own may want no key; a vendor always does.
        var needsKey = provider.Type is ProviderType.Anthropic or ProviderType.AzureOpenAi || (provider.Type == ProviderType.OpenAi && provider.Endpoint is null);
        if (needsKey && provider.Auth == ProviderAuth.Key && provider.Key is null)
        {
            Refuse("key", $"The field 'key' is missing: where the key is kept, such as {{ env: {provider.Name.Replace('-', '_').ToUpperInvariant()}_KEY }}.");
        }

        if (provider.Model is { } model && !provider.Models.IsEmpty && !provider.Models.Contains(model, StringComparer.Ordinal))
        {
            Refuse("model", $"'{model}' is none of 'models'.{Spelling.Nearest(model, provider.Models)}");
        }
    }

    private static void CheckFile(ProvidersFile file, Node node, ReadContext context)
    {
        string[] names = [.. file.Providers.Select(provider => provider.Name)];
        Unique(node.Find("providers")!, "name", context);
        if (file.Default is { } standard && !names.Contains(standard, StringComparer.Ordinal))
        {
            context.Problems.Error(ProblemCodes.BadValue, node.Find("default")!, $"There is no provider '{standard}'; there are: {string.Join(", ", names)}.{Spelling.Nearest(standard, names)}");
        }

        if (node.Find("prices") is not { } prices)
        {
            return;
        }

        Unique(prices, "model", context);
        foreach (var (index, price) in file.Prices.Index())
        {
            var provider = price.Model[..price.Model.IndexOf('/', StringComparison.Ordinal)];
            if (!names.Contains(provider, StringComparer.Ordinal))
            {
                context.Problems.Error(ProblemCodes.BadValue, prices.Children[index].Find("model")!, $"There is no provider '{provider}'; there are: {string.Join(", ", names)}.{Spelling.Nearest(provider, names)}");
            }
        }
    }

    private static void Unique(Node list, string field, ReadContext context)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var named in list.Children.Select(child => child.Find(field)).OfType<Node>().Where(named => !seen.Add(named.Text)))
        {
            context.Problems.Error(ProblemCodes.DuplicateId, named, $"'{named.Text}' is named twice.");
        }
    }
}
