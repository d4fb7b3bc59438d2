using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Orchestration;

/// <summary>How rows, requests and answers are written: camel case, nothing for null, generated code and no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
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
[JsonSerializable(typeof(IdempotencyRecord))]
public sealed partial class OrchestrationJson : JsonSerializerContext;
