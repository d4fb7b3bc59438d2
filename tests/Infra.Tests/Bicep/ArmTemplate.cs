using System.Text.Json;

namespace Countersign.Infra.Tests.Bicep;

/// <summary>A template of Azure Resource Manager: main, or the module of a nested deployment.</summary>
/// <param name="Name">Its symbolic name, <c>main</c> or that of the module, with the names of the modules around it.</param>
/// <param name="Root">The template.</param>
internal sealed record ArmTemplate(string Name, JsonElement Root)
{
    public IEnumerable<string> Parameters => Names("parameters");

    public IEnumerable<string> Outputs => Names("outputs");

    /// <summary>What the template itself deploys, nested deployments included and resources that exist before left out.</summary>
    public IEnumerable<ArmResource> Own
    {
        get
        {
            var resources = Root.GetProperty("resources");
            return resources.ValueKind == JsonValueKind.Object
                ? resources.EnumerateObject().Where(one => !IsExisting(one.Value)).Select(one => new ArmResource(one.Name, one.Value, this))
                : resources.EnumerateArray().Where(one => !IsExisting(one)).Select((one, index) => new ArmResource($"{index}", one, this));
        }
    }

    /// <summary>This template and those of all modules below it.</summary>
    public IEnumerable<ArmTemplate> All() => Own.Where(one => one.IsDeployment).Select(one => one.Template).SelectMany(module => module.All()).Prepend(this);

    /// <summary>All resources that a deployment makes; what is made for each of a list counts once.</summary>
    public IEnumerable<ArmResource> Deployed() => All().SelectMany(template => template.Own).Where(one => !one.IsDeployment);

    /// <summary>A nested deployment by the symbolic name of its module.</summary>
    public ArmResource Module(string name) => Own.Single(one => one.IsDeployment && one.Name == name);

    private IEnumerable<string> Names(string part) =>
        Root.TryGetProperty(part, out var named) ? named.EnumerateObject().Select(one => one.Name) : [];

    private static bool IsExisting(JsonElement resource) => resource.TryGetProperty("existing", out var existing) && existing.GetBoolean();
}

/// <summary>A resource of a template.</summary>
internal sealed record ArmResource(string Name, JsonElement Body, ArmTemplate Parent)
{
    public string Type => Body.GetProperty("type").GetString()!;

    public bool IsDeployment => Type == "Microsoft.Resources/deployments";

    public JsonElement Properties => Body.GetProperty("properties");

    /// <summary>The template of a nested deployment.</summary>
    public ArmTemplate Template => new($"{Parent.Name}/{Name}", Properties.GetProperty("template"));

    /// <summary>What a nested deployment is given for a parameter.</summary>
    public JsonElement Given(string parameter) => Properties.GetProperty("parameters").GetProperty(parameter).GetProperty("value");
}
