using System.Text.Json;
using Countersign.Ai;
using Countersign.Schemas;

namespace Countersign.Core.Tests.Ai;

public sealed class AnswerReaderTests
{
    private static readonly JsonSchema Schema = JsonSchema.Compile(JsonElement.Parse("""{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}"""));

    [Theory]
    [InlineData("""{"a":1}""")]
    [InlineData("  {\"a\":1}\n")]
    [InlineData("```json\n{\"a\":1}\n```")]
    [InlineData("```\n{\"a\":1}```")]
    [InlineData("\n```JSON  \r\n{\"a\":1}\r\n```  \n")]
    [InlineData("```json {\"a\":1}```")]
    [InlineData("```{\"a\":1}```")]
    [InlineData("\ufeff{\"a\":1}")]
    [InlineData("<think>hm {\"a\":2} ```json\n{\"a\":3}\n```</think>\n{\"a\":1}")]
    [InlineData("thinking without a beginning</think>```json\n{\"a\":1}\n```")]
    [InlineData("Here you are:\n```json\n{\"a\":1}\n```\nAnything else?")]
    [InlineData("```json\n{\"a\":1,\"code\":\"```x```\"}\n```")]
    public void Read_JsonWithOrWithoutFence_IsTheValue(string text)
    {
        var answer = AnswerReader.Read(text, Schema);

        Assert.Empty(answer.Errors);
        Assert.Equal(1, answer.Value!.Value.GetProperty("a").GetInt32());
    }

    [Theory]
    [InlineData("")]
    [InlineData("``````")]
    [InlineData("```json")]
    [InlineData("Here it is: {\"a\":1}")]
    [InlineData("One:\n```json\n{\"a\":1}\n```\nor\n```json\n{\"a\":2}\n```")]
    [InlineData("Here: ```json\n{\"a\":1}")]
    [InlineData("<think>{\"a\":1}</think>")]
    [InlineData("{\"a\":1} and more")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1 /* one */}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":1e999}")]
    [InlineData("{\"a\":9007199254740993}")]
    [InlineData("{\"a\":1,\"b\":\"\\ud800\"}")]
    [InlineData("{\"a\":\"1\"}")]
    [InlineData("{}")]
    [InlineData("null")]
    public void Read_AnythingElse_IsRefusedWithAReason(string text)
    {
        var answer = AnswerReader.Read(text, Schema);

        Assert.Null(answer.Value);
        Assert.NotEmpty(answer.Errors);
    }

    [Theory]
    [InlineData("""{"a":7615917337495251231}""", "/a: the integer would be rounded; write it as a string.")]
    [InlineData("""{"a":1,"b":[{"c":1e999}]}""", "/b/0/c: the number is too large for a double.")]
    public void Read_NumberThatCannotBeKept_IsNamed(string text, string error) => Assert.Equal(error, Assert.Single(AnswerReader.Read(text, Schema).Errors));

    [Theory]
    [InlineData("12", ModelFinish.Length, false)]
    [InlineData("```json\n12\n```", ModelFinish.Length, false)]
    [InlineData("Here:\n```json\n{\"a\":1}\n```", ModelFinish.Length, false)]
    [InlineData("{\"a\":1}", ModelFinish.Unfinished, false)]
    [InlineData("<think>hm ```json\n{\"a\":1}\n```", ModelFinish.Stop, false)]
    [InlineData("12", ModelFinish.Stop, true)]
    [InlineData("12", ModelFinish.Other, true)]
    [InlineData("{\"a\":1}", ModelFinish.Length, true)]
    [InlineData("[1]", ModelFinish.Length, true)]
    [InlineData("\"x\"", ModelFinish.Length, true)]
    [InlineData("true", ModelFinish.Length, true)]
    public void Read_CutAnswer_IsTakenOnlyWhereItsEndShows(string text, ModelFinish finish, bool taken)
    {
        var answer = AnswerReader.Read(text, JsonSchema.Compile(JsonElement.Parse("{}")), finish);

        Assert.Equal((taken, !taken), (answer.Value is not null, answer.IsIncomplete));
    }

    [Fact]
    public void Read_WrongAnswer_ErrorsHoldNothingOfIt()
    {
        foreach (var text in new[] { """{"a":"hunter2"}""", "hunter2", """{"a":hunter2}""", """{"hunter2":1,"hunter2":1}""" })
        {
            Assert.DoesNotContain("hunter2", string.Concat(AnswerReader.Read(text, Schema).Errors), StringComparison.Ordinal);
        }
    }
}
