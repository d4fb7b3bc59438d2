namespace Countersign.Api.Tests;

/// <summary>The workflows that the tests run.</summary>
internal static class Definitions
{
    public static string Hello(string version = "1.0.0", string word = "hello", string name = "hello") => $$"""
        language: "1.0"
        name: {{name}}
        version: {{version}}
        input: { type: object, required: [name], properties: { name: { type: string } } }
        profile: { tone: { value: plain, override: engineer } }
        static: { sign: "!" }
        start: say
        steps:
          - { id: say, type: emit, event: custom.said, data: { text: "${ '{{word}} ' + input.name + context.static.sign }" } }
        output: { greeting: "${ '{{word}} ' + input.name }" }
        """;

    public const string Spend = """
        language: "1.0"
        name: spend
        version: 1.0.0
        start: approve
        steps:
          - id: approve
            type: approval
            approvers: { role: approver }
            show: { amount: "${ input.amount }" }
            expires: 48h
        output: { decision: "${ steps.approve.output.decision }" }
        """;

    public const string Ask = """
        language: "1.0"
        name: ask
        version: 1.0.0
        start: ask
        steps:
          - id: ask
            type: form
            title: Expense
            fields:
              - { key: amount, type: integer, required: true, min: 1 }
              - { key: note, type: string, max: 20 }
            assignees: { users: [fay] }
            expires: 48h
        output: { amount: "${ steps.ask.output.amount }" }
        """;

    public const string Await = """
        language: "1.0"
        name: await
        version: 1.0.0
        start: paid
        steps:
          - id: paid
            type: wait
            event: { name: paid, timeout: 3d, schema: { type: object, required: [sum], properties: { sum: { type: number } } } }
            next: note
          - { id: note, type: emit, event: custom.noted, data: {} }
        output: { sum: "${ steps.paid.output.sum }" }
        """;

    public const string Call = """
        language: "1.0"
        name: call
        version: 1.0.0
        start: call
        steps:
          - { id: call, type: api_call, method: POST, url: "${ input.url }", body: { n: 1 }, idempotent: true }
        """;

    public const string Model = """
        language: "1.0"
        name: model
        version: 1.0.0
        start: ask
        steps:
          - id: ask
            type: ai_generate
            prompt: "How many? ${ input.text }"
            schema: { type: object, required: [count], properties: { count: { type: integer } } }
            mock: { mode: success, output: { count: 3 } }
        """;
}
