using System.Text.Json.Serialization;
using Countersign.Api;
using Countersign.Engine;
using Countersign.Orchestration;

namespace Countersign.Histories.Tests.StoredNames;

/// <summary>
/// Rows, calls and answers are written under the names of C# members, so a rename would compile and make every stored journal unreadable.
/// </summary>
public sealed class StoredNamesTests
{
    private static readonly string File = Repository.Golden("StoredNames", "stored-names.txt");

    /// <summary>What the HTTP interface says to its callers has its own contract, the OpenAPI document, and is stored nowhere.</summary>
    private static readonly string[] Spoken = ["ApiJson"];

    [Fact]
    public void EveryStoredName_IsAsItWasRecorded()
    {
        var now = Current();
        if (Repository.Updates)
        {
            var gone = System.IO.File.Exists(File) ? System.IO.File.ReadAllLines(File).Except(now, StringComparer.Ordinal).ToArray() : [];
            Assert.True(gone.Length == 0, "These stored names are gone. Keep them, or write a migration and delete their lines by hand:\n" + string.Join('\n', gone));
            System.IO.File.WriteAllLines(File, now);
        }

        var recorded = System.IO.File.ReadAllLines(File);
        Assert.True(recorded.Length > 150, "The record of stored names is too short.");
        Assert.Equal("", string.Join('\n', recorded.Except(now, StringComparer.Ordinal).Select(line => "gone or changed: " + line)));
        Assert.Equal("", string.Join('\n', now.Except(recorded, StringComparer.Ordinal).Select(line => "new, record it with COUNTERSIGN_UPDATE_DOCS=1: " + line)));
    }

    [Fact]
    public void RecordShapes_OfARenamedMember_Differ()
    {
        var before = RecordShapes.Of(typeof(StoredNamesTests).Assembly, type => type == typeof(BeforeJson)).ToArray();
        var after = RecordShapes.Of(typeof(StoredNamesTests).Assembly, type => type == typeof(AfterJson)).ToArray();
        Assert.Contains("BeforeJson: Note.amount: Int32", before);
        Assert.Contains("AfterJson: Note.sum: Int32", after);
        Assert.Contains("BeforeJson: Mood 1: \"Good\"", before);
    }

    private static string[] Current() =>
        [.. new[] { typeof(RunRow).Assembly, typeof(ApiServices).Assembly, typeof(DataFolder).Assembly }
            .SelectMany(assembly => RecordShapes.Of(assembly, type => !Spoken.Contains(type.Name)))];
}

internal enum Mood
{
    Bad,
    Good,
}

internal static class Before
{
    internal sealed record Note(int Amount, Mood? Mood);
}

internal static class After
{
    internal sealed record Note(int Sum);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Before.Note))]
internal sealed partial class BeforeJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(After.Note))]
internal sealed partial class AfterJson : JsonSerializerContext;
