using System.Text;
using Countersign.Canonical;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Steps;

namespace Countersign.Core.Tests.Steps;

public sealed class EmitExecutorTests
{
    private readonly EmitExecutor _executor = new();

    [Fact]
    public async Task ExecuteAsync_Data_IsTheOutputAndInTheLogByHashOnly()
    {
        var execution = Executions.Of("emit", "event: custom.paid\ndata: { who: \"${ input.who }\", amount: 2 }", """{"who":"Zoe Example"}""");

        var result = await _executor.ExecuteAsync(execution, default);

        Assert.Null(result.Error);
        Assert.Equal("""{"amount":2,"who":"Zoe Example"}""", Encoding.UTF8.GetString(CanonicalJson.ToBytes(result.Output!.Value)));
        var entry = Assert.Single(result.Entries);
        Assert.Equal("custom.paid", entry.Type);
        Assert.Equal("custom.paid", entry.Payload.Text("event"));
        Assert.Equal(RunValues.Inline(result.Output.Value).Hash, entry.Payload.Text("data"));
        Assert.DoesNotContain("Zoe", entry.Payload.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecuteAsync_NoData_YieldsNull()
    {
        var result = await _executor.ExecuteAsync(Executions.Of("emit", "event: custom.done"), default);

        Assert.Equal(System.Text.Json.JsonValueKind.Null, result.Output!.Value.ValueKind);
    }

    [Theory]
    [InlineData("custom.paid")]
    [InlineData("custom.invoice.paid")]
    [InlineData("custom.2026.q1_2")]
    [InlineData("custom.a_name_that_is_nearly_as_long_as_the_type_of_any_entry_may_be_in_format_one.and_then.some_more_of_it_until_it_is_so_long")]
    public async Task ExecuteAsync_AnyName_GivesAnEntryTheLogAccepts(string name)
    {
        var result = await _executor.ExecuteAsync(Executions.Of("emit", $"event: {name}"), default);

        var entry = Assert.Single(result.Entries);
        Assert.Equal(name, entry.Type);
        Assert.Equal(name, entry.Payload.Text("event"));
        Assert.True(EntryFormat.IsType(Encoding.UTF8.GetBytes(entry.Type)));
        Assert.True(entry.Type.Length <= EntryFormat.Type.Max);
    }
}
