using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Countersign.Access;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Turns the audience of a definition into the people it names.</summary>
internal static class Audiences
{
    /// <summary>The audience with its names.</summary>
    /// <exception cref="StepFailedException">A name does not come to a user id, or the role does not exist: <c>step.audience-invalid</c>.</exception>
    [return: NotNullIfNotNull(nameof(audience))]
    public static WaitAudience? Render(Audience? audience, IExpressionScope scope) => audience switch
    {
        null => null,
        { Role: { } role } when !Role.All.Contains(role) => throw Invalid($"'{role}' is not a role. A role is one of {string.Join(", ", Role.All)}."),
        _ => new WaitAudience(audience.Role, [.. audience.Users.Select(user => Name(user.Render(scope))).Distinct()]),
    };

    /// <summary>Refuses an approval that takes more votes than there are people who may give one.</summary>
    /// <exception cref="StepFailedException">It does: <c>step.audience-invalid</c>.</exception>
    public static void CheckQuorum(int quorum, WaitAudience audience, WaitAudience? escalateTo)
    {
        var named = audience.Users.Union(escalateTo?.Users ?? []).Count();
        if (audience.Role is null && escalateTo?.Role is null && named < quorum)
        {
            throw Invalid($"{quorum} people must approve, but only {named} may: {string.Join(", ", audience.Users)}.");
        }
    }

    private static string Name(JsonElement user) => user.ValueKind is JsonValueKind.String && user.GetString() is { } name && UserId.IsValid(name)
        ? name
        : throw Invalid($"A user came to {Shown(user)}. {UserId.Rule}.");

    private static string Shown(JsonElement user) => user.ValueKind is not JsonValueKind.String ? $"{user.ValueKind}"
        : user.GetString() is { Length: > UserId.Longest } text ? $"a text of {text.Length} characters"
        : user.GetRawText();

    private static StepFailedException Invalid(string detail) => new(new StepError
    {
        Type = "step.audience-invalid", Title = "The people to ask are not valid", Detail = detail,
    });
}
