using System.Text.Json;
using System.Text.Json.Serialization;

namespace Countersign.Steps;

[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(JsonElement[]))]
[JsonSerializable(typeof(SortedDictionary<string, JsonElement>))]
internal sealed partial class StepJson : JsonSerializerContext;
