using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Access;
using Countersign.Expressions;
using Countersign.Language;
using Countersign.Orchestration;

namespace Countersign.Steps;

/// <summary>A computed user who must hold a key with one of some roles.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Roles">The roles.</param>
public sealed record AudienceClaim(string User, ImmutableArray<string> Roles);

/// <summary>Turns the audience of a definition into the people it names.</summary>
internal static class Audiences
{
    /// <summary>The people that an audience names, and what must hold for those of them that are computed.</summary>
    /// <exception cref="StepFailedException">
    /// A name does not come to a user id, or comes to a person outside the audience's bounds, or the role does not exist: <c>step.audience-invalid</c>.
    /// </exception>
    public static (WaitAudience? Audience, ImmutableArray<AudienceClaim> Claims) Render(Audience? audience, IExpressionScope scope)
    {
        if (audience is null)
        {
            return (null, []);
        }

        if (audience.Role is { } role && !Role.All.Contains(role))
        {
            throw Invalid($"'{role}' is not a role. A role is one of {string.Join(", ", Role.All)}.");
        }

        var users = ImmutableArray.CreateBuilder<string>();
        var claims = ImmutableArray.CreateBuilder<AudienceClaim>();
        foreach (var user in audience.Users)
        {
            var name = Name(user.Render(scope));
            if (!users.Contains(name))
            {
                users.Add(name);
            }

            if (audience.Within is { } within && user.Expressions.Any() && !within.Users.Contains(name))
            {
                claims.Add(within.Roles.IsEmpty ? throw Outside(name, $"the users {string.Join(", ", within.Users)}") : new AudienceClaim(name, within.Roles));
            }
        }

        return (new WaitAudience(audience.Role, users.ToImmutable()), claims.ToImmutable());
    }

    /// <summary>A computed person is not among those that the definition declares.</summary>
    public static StepFailedException Outside(string name, string declared) =>
        Invalid($"A user came to '{name}', who is not among those that 'within' declares: {declared}.");

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
