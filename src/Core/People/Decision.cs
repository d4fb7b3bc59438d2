using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>What an approver decides.</summary>
/// <param name="Approved">Which way.</param>
/// <param name="Shown">The hash of what the approver was shown: the decision is bound to it.</param>
/// <param name="Reason">Why, in the approver's words.</param>
public sealed record Decision(bool Approved, string Shown, string? Reason)
{
    /// <summary>Whether to decide although another person has claimed the approval.</summary>
    public bool TakeOver { get; init; }
}

/// <summary>The output of an approval step.</summary>
/// <param name="Decision"><c>approved</c> or <c>rejected</c>.</param>
/// <param name="By">Who gave the deciding vote.</param>
/// <param name="Reason">The deciding voter's reason.</param>
/// <param name="Votes">All votes.</param>
public sealed record ApprovalOutput(string Decision, string By, string? Reason, ImmutableArray<Vote> Votes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApprovalOutput))]
internal sealed partial class PeopleJson : JsonSerializerContext;
