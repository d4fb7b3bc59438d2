using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Countersign.Canonical;
using Countersign.Core.Tests.Fuzzing;
using Countersign.Ledger;

namespace Countersign.Core.Tests.Ledger;

public sealed class LogPayloadTests
{
    private static readonly string[] Texts =
    [
        "", "a", "kind", "step.completed", "with space", "quote\"inside", "back\\slash", "tab\t", "line\n", "del\u007f", "é", "漢字", "😀", "<&>'", "/",
        new('x', 480), new('y', 511), new('z', 600), "a\u2028b", "Z", "aa", "ab", "{}", "[redacted:key]",
    ];

    [Fact]
    public void ToBytes_NoFacts_IsEmptyObject() => Assert.Equal("{}", new LogPayload().ToString());

    [Fact]
    public void ToBytes_FactsOutOfOrder_AreSortedByTheirNames() =>
        Assert.Equal("""{"A":1,"a":true,"b":"x","c":false}""", new LogPayload().Add("c", false).Add("b", "x").Add("a", true).Add("A", 1).ToString());

    [Fact]
    public void Add_NameAgain_ReplacesWhatItNamed() =>
        Assert.Equal("""{"a":"new","b":2}""", new LogPayload().Add("a", 1).Add("b", 2).Add("a", "new").ToString());

    [Fact]
    public void Add_Null_AddsNothing() => Assert.Equal(
        "{}", new LogPayload().Add("a", (string?)null).Add("b", (long?)null).Add("c", (JsonElement?)null).Add("d", (DateTimeOffset?)null).ToString());

    [Fact]
    public void Add_Time_IsRfc3339InUtc() => Assert.Equal(
        """{"t":"2026-11-20T10:00:00.5Z"}""",
        new LogPayload().Add("t", new DateTimeOffset(2026, 11, 20, 12, 0, 0, 500, TimeSpan.FromHours(2))).ToString());

    [Fact]
    public void ToBytes_Json_IsCanonical() =>
        Assert.Equal("""{"e":{"a":1,"b":[true,null]},"z":1}""", new LogPayload().Add("z", 1).Add("e", JsonElement.Parse("""{"b":[true, null], "a":1.0}""")).ToString());

    [Theory]
    [InlineData(9007199254740992)]
    [InlineData(-9007199254740992)]
    [InlineData(0)]
    public void ToBytes_WholeNumbers_AreWrittenInFull(long number) =>
        Assert.Equal($$"""{"n":{{number.ToString(CultureInfo.InvariantCulture)}}}""", new LogPayload().Add("n", number).ToString());

    [Fact]
    public void ToBytes_AnyFacts_EqualsTheCanonicalFormOfTheSameObject() => FuzzRun.Rounds(5_000, random =>
    {
        var expected = new JsonObject();
        var payload = new LogPayload();
        for (var i = random.Next(12); i > 0; i--)
        {
            var name = Texts[random.Next(Texts.Length)];
            switch (random.Next(3))
            {
                case 0:
                    var text = Texts[random.Next(Texts.Length)];
                    (expected[name], payload) = (text, payload.Add(name, text));
                    break;
                case 1:
                    var number = (long)(random.Next() >> random.Next(64)) % (1L << 53);
                    (expected[name], payload) = (number, payload.Add(name, number));
                    break;
                default:
                    var truth = random.Next(2) == 0;
                    (expected[name], payload) = (truth, payload.Add(name, truth));
                    break;
            }
        }

        Assert.Equal(Encoding.UTF8.GetString(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(expected.ToJsonString()))), payload.ToString());
    });
}
