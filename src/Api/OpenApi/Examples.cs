using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Countersign.Api.Ai;
using Countersign.Api.Artifacts;
using Countersign.Api.Audit;
using Countersign.Api.Authentication;
using Countersign.Api.Executions;
using Countersign.Api.People;

namespace Countersign.Api.OpenApi;

/// <summary>Examples of request bodies, each valid under the schema beside it.</summary>
internal static class Examples
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly FrozenDictionary<Type, string> Bodies = new Dictionary<Type, string>
    {
        [typeof(StartBody)] = """{"workflow":"invoice-approval","input":{"invoice":{"text":"Vendor: Acme\\nTotal: 4200\\n"}},"correlationId":"order-7"}""",
        [typeof(ResumeBody)] = """{"event":"paid","data":{"amount":60,"payment":"p-1"}}""",
        [typeof(CancelBody)] = """{"reason":"The order was withdrawn."}""",
        [typeof(DecideBody)] = $$"""{"decision":"approved","shown":"{{Hash}}","reason":"As agreed."}""",
        [typeof(ClaimBody)] = """{"takeOver":false}""",
        [typeof(DelegateBody)] = """{"to":"dana"}""",
        [typeof(MessageBody)] = """{"text":"Which cost centre is this for?"}""",
        [typeof(LinkBody)] = """{"addressee":"dana"}""",
        [typeof(TaskBody)] = $$"""{"decision":"rejected","shown":"{{Hash}}","reason":"The total differs from the order."}""",
        [typeof(FormBody)] = """{"data":{"amount":12.5,"category":"travel"}}""",
        [typeof(KeyRequest)] = """{"user":"bob","roles":["approver"]}""",
        [typeof(SecretBody)] = """{"value":"<the secret>","for":["https://pay.example"]}""",
        [typeof(ArtifactLinkBody)] = """{"expiresIn":"15m"}""",
        [typeof(VerifyBody)] = """{"from":1,"to":200}""",
        [typeof(NewTemplateBody)] = """{"id":"summary","prompt":"Summarise in one sentence: ${ variables.text }"}""",
        [typeof(TemplateBody)] = """{"prompt":"Summarise in two sentences: ${ variables.text }"}""",
        [typeof(PromoteBody)] = """{"version":2}""",
        [typeof(InferBody)] = """{"prompt":"How many items are on this list? pen, ruler, paper"}""",
    }.ToFrozenDictionary();

    /// <summary>An example of a body; null where it is not JSON of ours.</summary>
    public static JsonNode? Of(Content body) => body switch
    {
        { Media: "application/yaml" } => "language: \"1.0\"\nname: hello\nversion: 1.0.0\nstart: say\nsteps:\n  - { id: say, type: emit, event: custom.said, data: { text: hello } }\n",
        { Type: { } type } when Bodies.TryGetValue(type, out var example) => JsonNode.Parse(example),
        _ => null,
    };
}
