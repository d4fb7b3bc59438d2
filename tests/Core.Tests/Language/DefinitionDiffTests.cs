using Countersign.Core.Tests.Fuzzing;
using Countersign.Language;

namespace Countersign.Core.Tests.Language;

public sealed class DefinitionDiffTests
{
    private const string Base =
        """
        language: "1.0"
        name: demo
        version: 1.0.0
        static: { limit: 1000, tags: [a, b] }
        start: ask
        steps:
          - id: ask
            type: form
            fields: [{ key: amount, type: number }, { key: note, type: text }]
            next: check
          - { id: check, type: approval, approvers: { role: approver, users: [ann] }, expires: 48h, next: each }
          - id: each
            type: foreach
            items: "['a']"
            start: tell
            steps: [{ id: tell, type: emit, event: custom.told, data: "${ item }" }]
        """;

    [Theory]
    [InlineData("limit: 1000", "limit: 2000", "'static.limit' changed from 1000 to 2000.")]
    [InlineData("tags: [a, b]", "tags: [b, c, d]", "'static.tags' no longer holds \"a\" as item 1 of 2.|'static.tags' now holds \"c\" as item 2 of 3.|'static.tags' now holds \"d\" as item 3 of 3.")]
    [InlineData("tags: [a, b]", "tags: [b, a]", "'static.tags' is in another order: \"b\", \"a\" instead of \"a\", \"b\".")]
    [InlineData("version: 1.0.0", "version: 1.1.0", "'version' changed from \"1.0.0\" to \"1.1.0\".")]
    [InlineData("role: approver", "role: admin", "Step 'check': 'approvers.role' changed from \"approver\" to \"admin\".")]
    [InlineData("users: [ann]", "users: [ann, ben]", "Step 'check': 'approvers.users' now holds \"ben\" as item 2 of 2.")]
    [InlineData("expires: 48h", "expires: 48h, quorum: 2", "Step 'check': 'quorum' changed from 1 (the default) to 2.")]
    [InlineData("expires: 48h, ", "", "Step 'check': 'expires' changed from \"2d\" to 7d (the default).")]
    [InlineData("expires: 48h", "expires: 2d", "")]
    [InlineData("key: amount, type: number", "key: amount, type: integer, min: 1", "Step 'ask': 'fields.amount.min' was set to 1.|Step 'ask': 'fields.amount.type' changed from \"number\" to \"integer\".")]
    [InlineData(", { key: note, type: text }", "", "Step 'ask': 'fields.note' was removed (it was item 2 of 2: {\"key\":\"note\",\"type\":\"text\"}).")]
    [InlineData("event: custom.told", "event: custom.said", "Step 'tell': 'event' changed from \"custom.told\" to \"custom.said\".")]
    [InlineData("    next: check\n  - { id: check, type: approval, approvers: { role: approver, users: [ann] }, expires: 48h, next: each }", "    next: each", "Step 'ask': 'next' changed from \"check\" to \"each\".|Step 'check' (approval) was removed.")]
    [InlineData("    start: tell\n    steps: [{ id: tell,", "    start: say\n    steps: [{ id: say, type: wait, for: 1m, next: tell }, { id: tell,", "Step 'each': 'start' changed from \"tell\" to \"say\".|Step 'say' (wait) was added in 'each'.")]
    public void Between_OneEdit_SaysItInWords(string old, string edited, string words)
    {
        Definition before = Read(Base);
        Definition after = Read(Base.Replace(old, edited, StringComparison.Ordinal));
        Assert.Equal(words.Split('|', StringSplitOptions.RemoveEmptyEntries), DefinitionDiff.Between(before, after).Select(change => change.Words));
    }

    [Theory]
    [InlineData("{ steps: 1 }", "{ steps: 2 }", "'static.tags.steps' changed from 1 to 2.")]
    [InlineData("[{ id: a, steps: [{ to: bank-1 }] }]", "[{ id: a, steps: [{ to: bank-2 }] }]", "'static.tags.a.steps' changed from {\"to\":\"bank-1\"} to {\"to\":\"bank-2\"}.")]
    [InlineData("[{ id: a }, { id: b }]", "[{ id: c }, { id: a }, { id: b }]", "'static.tags.c' was added as item 1 of 3: {\"id\":\"c\"}.")]
    [InlineData("[{ id: a }, { id: b }]", "[{ id: c }, { id: b }, { id: a }]", "'static.tags.c' was added as item 1 of 3: {\"id\":\"c\"}.|'static.tags' is in another order: b, a instead of a, b.")]
    [InlineData("[x, y, z]", "[x, w, z]", "'static.tags' item 2 of 3 changed from \"y\" to \"w\".")]
    [InlineData("[x, y]", "[w, x, y]", "'static.tags' now holds \"w\" as item 1 of 3.")]
    [InlineData("[x, y]", "[y, x, w]", "'static.tags' is in another order: \"x\" is item 2 of 3 instead of item 1 of 2.|'static.tags' now holds \"w\" as item 3 of 3.")]
    [InlineData("[x, x]", "[x]", "'static.tags' no longer holds \"x\" as item 2 of 2.")]
    public void Between_ListsOfData_TellsEveryPlace(string was, string @is, string words)
    {
        Definition before = Read(Base.Replace("[a, b]", was, StringComparison.Ordinal));
        Definition after = Read(Base.Replace("[a, b]", @is, StringComparison.Ordinal));
        Assert.Equal(words.Split('|'), DefinitionDiff.Between(before, after).Select(change => change.Words));
    }

    /// <summary>A reviewer who is told that two definitions mean the same approves the second one unread.</summary>
    [Fact]
    public void Between_RandomData_TellsNothingExactlyWhereItIsTheSame()
    {
        string[] members = ["steps", "branches", "name", "id", "key", "next"];
        Seeded random = new(20261201);
        int same = 0;
        for (int round = 0; round < 3_000; round++)
        {
            Definition before = Read(WithData(Data(3)));
            Definition after = Read(WithData(Data(3)));
            bool equal = before.Canonical.Span.SequenceEqual(after.Canonical.Span);
            same += equal ? 1 : 0;
            Assert.True(equal == DefinitionDiff.Between(before, after).IsEmpty, $"{before}\n{after}");
        }

        Assert.InRange(same, 20, 2_000);

        string WithData(string data) => $$"""{ "language": "1.0", "name": "d", "version": "1.0.0", "start": "a", "steps": [{ "id": "a", "type": "set", "values": { "v": {{data}} } }] }""";

        string Data(int depth) => random.Next(depth == 0 ? 2 : 4) switch
        {
            0 => "1",
            1 => "\"a\"",
            2 => $"[{string.Join(", ", Enumerable.Range(0, random.Next(4)).Select(_ => Data(depth - 1)))}]",
            _ => $"{{{string.Join(", ", members.Where(_ => random.Next(4) == 0).Select(name => $"\"{name}\": {Data(depth - 1)}"))}}}",
        };
    }

    [Fact]
    public void Between_StepMovedIntoBlock_SaysSo()
    {
        const string Check = "{ id: check, type: approval, approvers: { role: approver, users: [ann] }, expires: 48h, next: ";
        Definition after = Read(Base
            .Replace("  - " + Check + "each }\n", "", StringComparison.Ordinal)
            .Replace("next: check", "next: each", StringComparison.Ordinal)
            .Replace("start: tell", "start: check", StringComparison.Ordinal)
            .Replace("steps: [{ id: tell", "steps: [" + Check + "tell }, { id: tell", StringComparison.Ordinal));
        Assert.Contains("Step 'check' moved from the workflow itself to 'each'.", DefinitionDiff.Between(Read(Base), after).Select(change => change.Words));
    }

    [Fact]
    public void Between_TheOtherWayRound_HasAsManyChanges()
    {
        for (ulong seed = 0; seed < 40; seed++)
        {
            Definition left = GeneratedDefinition.Make(seed);
            Definition right = GeneratedDefinition.Make(seed + 1);
            Assert.Equal(DefinitionDiff.Between(left, right).Length, DefinitionDiff.Between(right, left).Length);
        }
    }

    private static Definition Read(string text)
    {
        DefinitionResult result = DefinitionReader.Read(text);
        Assert.True(result.Definition is not null, string.Join('\n', result.Problems) + "\n" + text);
        return result.Definition!;
    }
}
