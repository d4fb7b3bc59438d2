using Countersign.Core.Tests.Repository;
using System.Text.Json;
using Countersign.Language;
using Countersign.Steps;

namespace Countersign.Core.Tests.Language;

public sealed class WorkflowBuilderTests
{
    [Fact]
    public void Build_OfInvoiceExample_IsTheSameDefinition()
    {
        Definition written = DefinitionReader.Read(RepositoryFiles.Read("tests", "Core.Tests", "Language", "Corpus", "valid", "invoice-approval.yaml")).Definition!;
        Definition built = new WorkflowBuilder("invoice-approval", "1.2.0")
            .Input("""{"type":"object","required":["invoice"],"properties":{"invoice":{"type":"object"}}}""")
            .Static("""{"limit":1000.0}""")
            .Profile("""{"payments":"https://pay.example","notify":"https://chat.example/hook"}""")
            .Defaults(new RetryPolicy())
            .Then(new AiGenerateStep
            {
                Id = "extract",
                PromptTemplate = new PromptTemplateReference("extract-invoice", 2),
                Variables = Template.FromJson(Json("""{"text":"${ input.invoice.text }"}""")),
                Schema = Json("""{"type":"object","required":["vendor","total"],"properties":{"vendor":{"type":"string"},"total":{"type":"number"}}}"""),
                Budget = new AiBudget { Usd = 0.05, OnExhausted = BudgetExhausted.Degrade, DegradeTo = "mini" },
            })
            .Conditional("check", "steps.extract.output.total > context.static.limit", then: "approve", @else: "pay")
            .Approval("approve", "approver", step => step with
            {
                Show = Template.FromJson(Json("""{"vendor":"${ steps.extract.output.vendor }","total":"${ steps.extract.output.total }"}""")),
                Expires = TimeSpan.FromHours(48),
                Remind = TimeSpan.FromHours(24),
                Escalate = new Escalation(TimeSpan.FromHours(36), new Audience { Role = "admin" }),
                OnTimeout = TimeoutAction.Reject,
                OnReject = "tell",
            })
            .ApiCall("pay", "POST", "${ context.profile.payments }/payments", step => step with
            {
                Headers = Template.FromJson(Json("""{"Authorization":"Bearer ${ secret('payments-key') }"}""")),
                Body = Template.FromJson(Json("""{"vendor":"${ steps.extract.output.vendor }","amount":"${ steps.extract.output.total }"}""")),
                Idempotent = true,
                Compensate = new ApiCallStep { Method = "DELETE", Url = "${ context.profile.payments }/payments/${ steps.pay.output.id }" },
            })
            .ThenEnd()
            .ApiCall("tell", "POST", "${ context.profile.notify }", step => step with { Body = Template.FromJson(Json("""{"text":"Invoice of ${ steps.extract.output.vendor } was rejected"}""")) })
            .Yielding("${ has(steps.pay) ? { 'payment': steps.pay.output.id } : { 'rejected': true } }")
            .Build();

        Assert.Empty(DefinitionDiff.Between(written, built));
        Assert.Equal(written.Hash, built.Hash);
    }

    [Fact]
    public void Build_OfBlocks_LinksStepsInTheirOrder()
    {
        WorkflowBuilder workflow = new WorkflowBuilder("demo", "1.0.0")
            .ForEach("each", "input", body => body.Emit("one", "custom.one", "${ item }").Emit("two", "custom.two"), step => step with { Concurrency = 2, MaxVisits = 5 })
            .Parallel("both", ("left", branch => branch.Wait("pause", TimeSpan.FromMinutes(1))), ("right", branch => branch.Emit("say", "custom.said")))
            .Switch("which", null, ("input == []", "each"))
            .WaitForEvent("paid", "paid", awaited => awaited with { Timeout = TimeSpan.FromDays(1) })
            .ThenGoto("last")
            .Fail("unused", "unused")
            .CallWorkflow("last", "child", "${ steps.paid.output }")
            .StartingAt("each")
            .Then(new ConditionalStep { Id = "again", When = Template.FromExpression("false"), Then = "unused" });
        Definition definition = workflow.Version("1.0.1").Build();

        Assert.Equal("two", definition.FindStep("one")!.Next);
        Assert.Null(definition.FindStep("two")!.Next);
        Assert.Equal("both", definition.FindStep("each")!.Next);
        Assert.Equal("last", definition.FindStep("paid")!.Next);
        Assert.Equal("1.0.1", definition.Version.ToString());
    }

    [Fact]
    public void Build_OfInvalidWorkflow_ThrowsAllProblems()
    {
        DefinitionException error = Assert.Throws<DefinitionException>(() => new WorkflowBuilder("demo", "1.0.0")
            .AiGenerate("ask", "${ steps.later.output }")
            .ApiCall("call", "GTE", "https://e.example")
            .Build());
        Assert.Equal([ProblemCodes.UnknownReference, ProblemCodes.BadValue], error.Problems.Select(problem => problem.Code));
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;
}
