using System.Text.Json.Serialization;
using Countersign.Ai;
using Countersign.Api.Ai;
using Countersign.Api.Artifacts;
using Countersign.Api.Audit;
using Countersign.Api.Authentication;
using Countersign.Api.Executions;
using Countersign.Api.Health;
using Countersign.Api.Live;
using Countersign.Api.People;
using Countersign.Api.Problems;
using Countersign.Api.Workflows;
using Countersign.Artifacts;
using Countersign.Workflows;

namespace Countersign.Api;

/// <summary>How the interface writes and reads JSON: camel case, nothing for null, and no field that it does not know.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(HealthStatus))]
[JsonSerializable(typeof(WorkflowVersion))]
[JsonSerializable(typeof(WorkflowPage))]
[JsonSerializable(typeof(ValidationResult))]
[JsonSerializable(typeof(StartBody))]
[JsonSerializable(typeof(ResumeBody))]
[JsonSerializable(typeof(CancelBody))]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(RunPageView))]
[JsonSerializable(typeof(RunContextView))]
[JsonSerializable(typeof(SavedWorkflow))]
[JsonSerializable(typeof(DecideBody))]
[JsonSerializable(typeof(ClaimBody))]
[JsonSerializable(typeof(DelegateBody))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(TaskBody))]
[JsonSerializable(typeof(FormBody))]
[JsonSerializable(typeof(ArtifactLinkBody))]
[JsonSerializable(typeof(ArtifactLinkView))]
[JsonSerializable(typeof(LinkBody))]
[JsonSerializable(typeof(LinkView))]
[JsonSerializable(typeof(WaitView))]
[JsonSerializable(typeof(WaitPage))]
[JsonSerializable(typeof(VerifyBody))]
[JsonSerializable(typeof(VerifyView))]
[JsonSerializable(typeof(LogPageView))]
[JsonSerializable(typeof(CloudEvent))]
[JsonSerializable(typeof(DeltaEvent))]
[JsonSerializable(typeof(InferBody))]
[JsonSerializable(typeof(InferView))]
[JsonSerializable(typeof(NewTemplateBody))]
[JsonSerializable(typeof(TemplateBody))]
[JsonSerializable(typeof(PromoteBody))]
[JsonSerializable(typeof(PromptVersion))]
[JsonSerializable(typeof(TemplateView))]
[JsonSerializable(typeof(TemplatePage))]
[JsonSerializable(typeof(UsageTotals))]
[JsonSerializable(typeof(Upload))]
[JsonSerializable(typeof(ArtifactPage))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(NewKey))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(SecretBody))]
[JsonSerializable(typeof(SecretView))]
[JsonSerializable(typeof(SecretPage))]
public sealed partial class ApiJson : JsonSerializerContext;
