using Countersign.Access;

namespace Countersign.Language;

/// <summary>Types of objects that several kinds of steps share.</summary>
internal static class PolicyTypes
{
    private static readonly ChoiceType<Backoff> BackoffType =
        new(("fixed", Backoff.Fixed), ("linear", Backoff.Linear), ("exponential", Backoff.Exponential));

    /// <summary>A retry policy.</summary>
    public static ObjectType<RetryPolicy> Retry { get; } = new("retry", () => new Shape<RetryPolicy>(() => new RetryPolicy())
        .Default("attempts", new IntegerType(1, 100), 3, p => p.Attempts, (p, v) => p with { Attempts = v }, "Attempts in all, the first included.")
        .Default("backoff", BackoffType, Backoff.Exponential, p => p.Backoff, (p, v) => p with { Backoff = v }, "How the delay grows.")
        .Default("initial", new DurationType(TimeSpan.Zero, TimeSpan.FromHours(1)), TimeSpan.FromSeconds(1), p => p.Initial, (p, v) => p with { Initial = v }, "Delay after the first failed attempt.")
        .Default("max", new DurationType(TimeSpan.Zero, TimeSpan.FromHours(24)), TimeSpan.FromSeconds(30), p => p.Max, (p, v) => p with { Max = v }, "Longest delay.")
        .Default("jitter", new NumberType(0, 1), 0.1, p => p.Jitter, (p, v) => p with { Jitter = v }, "Fraction of each delay that chance may take off.")
        .Rule(CheckRetry));

    /// <summary>The defaults of a definition.</summary>
    public static ObjectType<StepDefaults> Defaults { get; } = new("defaults", () => new Shape<StepDefaults>(() => StepDefaults.None)
        .Optional("retry", Retry, d => d.Retry, (d, v) => d with { Retry = v }, "Retry policy of every step that retries.")
        .OptionalValue("timeout", DurationType.Limit, d => d.Timeout, (d, v) => d with { Timeout = v }, "Time limit of each attempt of the steps that call out."));

    /// <summary>The limits of a run.</summary>
    public static ObjectType<RunLimits> Limits { get; } = new("limits", () => new Shape<RunLimits>(() => RunLimits.Default)
        .Default("runs", new IntegerType(1, 10_000), RunLimits.Default.Runs, l => l.Runs, (l, v) => l with { Runs = v }, "Most runs in the tree of a started run: itself and all called workflows below it. A called workflow keeps to the limit of the run that was started.")
        .Default("depth", new IntegerType(1, 16), RunLimits.Default.Depth, l => l.Depth, (l, v) => l with { Depth = v }, "Most runs above a called one; likewise.")
        .Default("items", new IntegerType(1, 1_000_000), RunLimits.Default.Items, l => l.Items, (l, v) => l with { Items = v }, "Most items of all `foreach` steps of one run together; never below the `max_items` of a step.")
        .Default("steps", new IntegerType(1, 1_000_000), RunLimits.Default.Steps, l => l.Steps, (l, v) => l with { Steps = v }, "How often one run may enter steps, all steps and items together."));

    /// <summary>The people that a computed audience must be among.</summary>
    public static ObjectType<AudienceBounds> AudienceBounds { get; } = new("audience bounds", () => new Shape<AudienceBounds>(() => Language.AudienceBounds.Nobody)
        .List("users", new ListType<string>(TextType.Label, 1, 100), b => b.Users, (b, v) => b with { Users = v }, "User ids.")
        .List("roles", new ListType<string>(TextType.Label, 1, 20), b => b.Roles, (b, v) => b with { Roles = v }, "Roles: people who hold a key with one of them.")
        .Rule(CheckBounds)
        .Constrain(schema => schema.Json.WriteNumber("minProperties", 1)));

    /// <summary>People, by role or by name.</summary>
    public static ObjectType<Audience> Audience { get; } = new("audience", () => new Shape<Audience>(() => Language.Audience.Nobody)
        .Optional("role", TextType.Label, a => a.Role, (a, v) => a with { Role = v }, "One of the roles `admin`, `approver`, `engineer`, `growth`, `viewer` and `auditor`.")
        .List("users", new ListType<Template>(TemplateType.Person, 1, 100), a => a.Users, (a, v) => a with { Users = v }, "User ids; templates over `input`, `context.static` and `context.profile`.")
        .Optional("within", AudienceBounds, a => a.Within, (a, v) => a with { Within = v }, "The people that computed users must be among; required if a user is computed from more than `context.static`.")
        .Rule(CheckAudience)
        .Constrain(schema => schema.Json.WriteNumber("minProperties", 1)));

    /// <summary>Turning to further people.</summary>
    public static ObjectType<Escalation> Escalation { get; } = new("escalation", () => new Shape<Escalation>(() => new Escalation(TimeSpan.Zero, Language.Audience.Nobody))
        .Required("after", DurationType.Wait, e => e.After, (e, v) => e with { After = v }, "Time since the step began to wait.")
        .Required("to", Audience, e => e.To, (e, v) => e with { To = v }, "Who is asked in addition."));

    /// <summary>Clauses that catch errors.</summary>
    public static ListType<CatchClause> Catch { get; } = new(
        new ObjectType<CatchClause>("catch clause", () => new Shape<CatchClause>(() => new CatchClause("", ""))
            .Required("type", TextType.CaughtType, c => c.Type, (c, v) => c with { Type = v }, "The error type to catch, with all below it; `*` for any.")
            .Required("goto", TargetType.Instance, c => c.Goto, (c, v) => c with { Goto = v }, "The step to go on with.")),
        1,
        20);

    /// <summary>A wait that reminds or escalates after its end never does.</summary>
    public static void CheckWithin(TimeSpan expires, TimeSpan? remind, Escalation? escalate, Node node, ReadContext context)
    {
        if (remind >= expires)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node.Find("remind")!, $"The first reminder would come after {Duration.Format(remind.Value)}, but the step expires after {Duration.Format(expires)}.");
        }

        if (escalate?.After >= expires)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node.Find("escalate")!, $"The escalation would come after {Duration.Format(escalate.After)}, but the step expires after {Duration.Format(expires)}.");
        }
    }

    private static void CheckRetry(RetryPolicy policy, Node node, ReadContext context)
    {
        if (policy.Initial > policy.Max)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node, $"The first delay, {Duration.Format(policy.Initial)}, is longer than the longest, {Duration.Format(policy.Max)}.");
        }
    }

    private static void CheckAudience(Audience audience, Node node, ReadContext context)
    {
        if (audience.Role is null && audience.Users.IsEmpty)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node, "Name a 'role', 'users' or both: no person could act.");
        }

        if (audience.Role is { } role)
        {
            CheckRole(role, node.Find("role")!, context);
        }

        if (!audience.Users.IsEmpty)
        {
            CheckUsers([.. audience.Users.Select(user => user.IsConstant ? user.Source.GetString() : null)], node.Find("users")!, context);
        }

        if (audience.Within is not null && !audience.Users.Any(user => user.Expressions.Any()))
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node.Find("within")!, "'within' bounds computed users, and none of the users is computed.");
        }
    }

    private static void CheckBounds(AudienceBounds bounds, Node node, ReadContext context)
    {
        if (bounds.Users.IsEmpty && bounds.Roles.IsEmpty)
        {
            context.Problems.Error(ProblemCodes.FieldCombination, node, "Name 'users', 'roles' or both: no computed user could be among them.");
        }

        if (!bounds.Users.IsEmpty)
        {
            CheckUsers([.. bounds.Users], node.Find("users")!, context);
        }

        for (var i = 0; i < bounds.Roles.Length; i++)
        {
            CheckRole(bounds.Roles[i], node.Find("roles")!.Children[i], context);
        }
    }

    private static void CheckRole(string role, Node node, ReadContext context)
    {
        if (!Role.All.Contains(role))
        {
            context.Problems.NewError(ProblemCodes.BadValue, node, $"'{role}' is not a role, so no person could act. A role is one of {string.Join(", ", Role.All)}.");
        }
    }

    // A null stands for a computed user, whose id is checked when the step begins to wait.
    private static void CheckUsers(ReadOnlySpan<string?> users, Node list, ReadContext context)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < users.Length; i++)
        {
            if (users[i] is not { } user)
            {
                continue;
            }

            if (!UserId.IsValid(user))
            {
                context.Problems.NewError(ProblemCodes.BadValue, list.Children[i], $"'{user}' is not a user id, so no person could act under it. {UserId.Rule}.");
            }
            else if (!seen.Add(user))
            {
                context.Problems.NewError(ProblemCodes.BadValue, list.Children[i], $"The user '{user}' is named twice.");
            }
        }
    }
}
