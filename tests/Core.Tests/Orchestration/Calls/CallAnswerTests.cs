using System.Text;
using System.Text.Json;
using Countersign.Canonical;
using Countersign.Orchestration;

namespace Countersign.Core.Tests.Orchestration.Calls;

public sealed class CallAnswerTests
{
    // A run is answered with the very object that was recorded, a replay with what the bytes say: the two must not differ.
    [Theory]
    [InlineData("""{"n":1}""")]
    [InlineData("""{ "a": 1.50, "b": [1e3, "\u00e9", "\u2028"], "c": null }""")]
    [InlineData("\"text\"")]
    [InlineData("true")]
    [InlineData("[]")]
    public void From_ItsBytes_SaysWhatWasWritten(string output)
    {
        var written = new CallAnswer
        {
            Key = "a:1:1",
            Result = CallResult.Succeeded,
            Value = RunValues.Inline(JsonElement.Parse(output)),
            Flags = RunFlags.Pause,
            At = new DateTimeOffset(2026, 11, 20, 17, 24, 10, TimeSpan.Zero).AddTicks(1_234_567),
        };

        var read = CallAnswer.From(written.ToBytes());

        Assert.Equal(written.At, read.At);
        Assert.Equal(written with { Value = null }, read with { Value = null });
        Assert.Equal(written.Value with { Inline = null }, read.Value! with { Inline = null });
        Assert.True(read.Value.IsInline);
        Assert.Equal(CanonicalJson.ToBytes(written.Value.Inline!.Value), CanonicalJson.ToBytes(read.Value.Inline!.Value));
        Assert.Equal(written.ToBytes().ToArray(), read.ToBytes().ToArray());
    }

    [Fact]
    public void From_NullValue_IsStillAtHand()
    {
        var written = new CallAnswer { Key = "a:1:1", Result = CallResult.Succeeded, Value = RunValues.Inline(JsonElement.Parse("null")) };

        var read = CallAnswer.From(written.ToBytes());

        Assert.True(read.Value!.IsInline, Encoding.UTF8.GetString(written.ToBytes().Span));
        Assert.Equal(JsonValueKind.Null, read.Value.Inline!.Value.ValueKind);
    }

    [Fact]
    public void From_DeepestValue_IsRead()
    {
        var deep = new string('[', CanonicalJson.MaxDepth) + new string(']', CanonicalJson.MaxDepth);
        var written = new CallAnswer { Key = "a:1:1", Result = CallResult.Succeeded, Value = RunValues.Inline(JsonElement.Parse(deep)) };

        Assert.Equal(deep, CallAnswer.From(written.ToBytes()).Value!.Inline!.Value.GetRawText());
    }
}
