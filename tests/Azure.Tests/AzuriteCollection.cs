using Countersign.Tests.Tools;

[assembly: TestFramework("Countersign.Tests.Tools.ToolTestFramework", "Countersign.Azure.Tests")]

namespace Countersign.Azure.Tests;

/// <summary>The classes that share one storage emulator.</summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<Azurite>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Azurite";
}
