using System.Collections.Immutable;

namespace Countersign.Infra.Tests.Bicep;

/// <summary>A file of infra/bicep.</summary>
internal sealed record BicepFile(string Path, ImmutableArray<Statement> Statements)
{
    public static BicepFile Main { get; } = Open("main.bicep");

    public static IEnumerable<BicepFile> All => Directory.EnumerateFiles(RepositoryRoot.Bicep, "*.bicep", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Open);

    public IEnumerable<Statement> Parameters => Of("param");

    public IEnumerable<Statement> Modules => Of("module");

    /// <summary>The resources that it declares, nested ones with the whole of their type.</summary>
    public IEnumerable<(string Type, Statement Resource)> Resources => Of("resource").SelectMany(resource => WithNested(resource, null));

    public static BicepFile Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path, RepositoryRoot.Bicep);
        return new BicepFile(full, BicepReader.Read(File.ReadAllText(full), System.IO.Path.GetFileName(full)));
    }

    /// <summary>The file of a module.</summary>
    public BicepFile ModuleOf(Statement module) => Open(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, module.Subject));

    /// <summary>All resources that a deployment of this file makes, modules included; what is made for each of a list counts once.</summary>
    public IEnumerable<(string Type, Statement Resource)> Deployed() =>
        Resources.Where(one => !one.Resource.IsExisting).Concat(Modules.SelectMany(module => ModuleOf(module).Deployed()));

    public IEnumerable<Statement> Of(string keyword) => Statements.Where(statement => statement.Keyword == keyword);

    /// <summary>Every node of the file.</summary>
    public IEnumerable<Node> Nodes() => Statements.SelectMany(NodesOf);

    private static IEnumerable<Node> NodesOf(Statement statement) =>
        (statement.Value is null ? [] : Within(statement.Value)).Concat(statement.Decorators.SelectMany(Within));

    public static IEnumerable<Node> Within(Node node) => new[] { node }.Concat(node switch
    {
        Text text => text.Parts.SelectMany(Within),
        Call call => call.Arguments.SelectMany(Within),
        Operation operation => operation.Operands.SelectMany(Within),
        Items items => items.Values.SelectMany(Within).Concat(items.Each is null ? [] : Within(items.Each)),
        Fields fields => fields.Pairs.SelectMany(pair => Within(pair.Value)).Concat(fields.Nested.SelectMany(NodesOf)),
        _ => [],
    });

    private static IEnumerable<(string Type, Statement Resource)> WithNested(Statement resource, string? parent)
    {
        var type = parent is null ? resource.Subject.Split('@')[0] : $"{parent}/{resource.Subject.Split('@')[0]}";
        return new[] { (type, resource) }.Concat(resource.Body?.Nested.SelectMany(nested => WithNested(nested, type)) ?? []);
    }
}
