using Countersign.Ledger;
using FsCheck;
using FsCheck.Fluent;

namespace Countersign.Core.Tests.Ledger.Entries;

public sealed class EventIdTests
{
    [Theory]
    [InlineData("r", "a", 1, 2, 3, "step.started", null, "r/a/1/2/3/step.started")]
    [InlineData("r", "", 0, 0, 0, "run.created", null, "r//0/0/0/run.created")]
    [InlineData("r/1", "a/b%c", 1, 1, 1, "approval.voted", "u/%2F", "r%2F1/a%2Fb%25c/1/1/1/approval.voted/u%2F%252F")]
    public void InRun_Parts_AreJoinedAndEscaped(
        string run, string path, int visit, int attempt, int execution, string kind, string? discriminator, string expected) =>
        Assert.Equal(expected, EventId.InRun(run, path, visit, attempt, execution, kind, discriminator));

    [Fact]
    public void Outside_Key_IsEscaped() => Assert.Equal("x/a%2Fb/user.created", EventId.Outside("a/b", "user.created"));

    [Fact]
    public void InRun_RunCalledX_IsRefused() =>
        Assert.Throws<ArgumentException>(() => EventId.InRun("x", "", 0, 0, 0, EventTypes.RunCreated));

    [Fact]
    public void InRun_NegativeNumber_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => EventId.InRun("r", "", -1, 0, 0, EventTypes.RunCreated));

    [Fact]
    public void InRun_AnyParts_CanBeTakenApartAgain()
    {
        // An alphabet of the characters that matter finds collisions far faster than random text.
        var part = Gen.Elements('a', '/', '%', '2', '5', 'F').ArrayOf().Select(c => "p" + new string(c));
        Prop.ForAll(
            Arb.From(Gen.Zip(part, Gen.Zip(part, part))),
            parts =>
            {
                var (run, (path, kind)) = parts;
                var taken = EventId.InRun(run, path, 1, 2, 3, kind).Split('/');
                return taken.Length == 6
                    && Uri.UnescapeDataString(taken[0]) == run
                    && Uri.UnescapeDataString(taken[1]) == path
                    && Uri.UnescapeDataString(taken[5]) == kind;
            }).QuickCheckThrowOnFailure();
    }
}
