using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>
/// How rows, requests and answers are written: camel case, nothing for null, generated code and no reflection. Values may be as deep as canonical
/// JSON allows (64), and what they are wrapped in comes on top of that.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 128)]
[JsonSerializable(typeof(RunRow))]
[JsonSerializable(typeof(RunStart))]
[JsonSerializable(typeof(CallAnswer))]
[JsonSerializable(typeof(ExecutionRequest))]
[JsonSerializable(typeof(WaitRequest))]
[JsonSerializable(typeof(ChildRequest))]
[JsonSerializable(typeof(EndRequest))]
[JsonSerializable(typeof(WithdrawRequest))]
[JsonSerializable(typeof(InterpreterState))]
[JsonSerializable(typeof(StepError))]
[JsonSerializable(typeof(WaitRow))]
[JsonSerializable(typeof(DueReason))]
[JsonSerializable(typeof(LockRow))]
[JsonSerializable(typeof(TreeRow))]
[JsonSerializable(typeof(LockPlace))]
[JsonSerializable(typeof(IdempotencyRecord))]
public sealed partial class OrchestrationJson : JsonSerializerContext;
