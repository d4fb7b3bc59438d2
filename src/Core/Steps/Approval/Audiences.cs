using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>Turns the audience of a definition into the people it names.</summary>
internal static class Audiences
{
    /// <exception cref="StepFailedException">A name does not come to a text: <c>step.audience-invalid</c>.</exception>
    [return: NotNullIfNotNull(nameof(audience))]
    public static WaitAudience? Render(Audience? audience, IExpressionScope scope) => audience is null
        ? null
        : new WaitAudience(audience.Role, [.. audience.Users.Select(user => Name(user.Render(scope)))]);

    private static string Name(JsonElement user) => user.ValueKind is JsonValueKind.String && user.GetString() is { Length: > 0 } name
        ? name
        : throw new StepFailedException(new StepError
        {
            Type = "step.audience-invalid",
            Title = "A person is not named by a text",
            Detail = $"One of the users came to {user.ValueKind}, where a user's id is wanted.",
        });
}
