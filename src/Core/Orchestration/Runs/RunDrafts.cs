using System.Collections.Immutable;
using System.Text.Json;
using Countersign.Access;
using Countersign.Canonical;
using Countersign.Language;
using Countersign.Ledger;
using Countersign.Workflows;

namespace Countersign.Orchestration;

/// <summary>Makes the row of a run that is about to be created, after checking what it is given.</summary>
public sealed class RunDrafts(RunValues values, TimeProvider time)
{
    /// <summary>Checks input and profile and makes the row.</summary>
    /// <param name="run">The run to be.</param>
    /// <param name="definition">What it runs.</param>
    /// <param name="input">Its input; the schema's defaults are filled in, then it is checked against the schema.</param>
    /// <param name="profile">Overrides of the definition's profile: an object with names that the definition declares; null for none.</param>
    /// <param name="requester">The person who started it, or the run that calls it.</param>
    /// <param name="above">The overrides of the run that calls it; null for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="InputInvalidException">Input or profile is not what the definition asks for.</exception>
    public async ValueTask<RunRow> MakeAsync(
        RunIdentity run, Definition definition, JsonElement input, JsonElement? profile, Principal requester, RunValue? above, CancellationToken cancellationToken)
    {
        var filled = InputCheck.Input(definition, input);
        var (merged, changed) = InputCheck.Profile(definition, profile, requester);
        return new RunRow
        {
            Id = run.Id,
            Workflow = definition.Name,
            Version = definition.Version.ToString(),
            Definition = definition.Hash,
            Status = RunStatus.Queued,
            Requester = requester.User,
            RequesterRoles = requester.Roles,
            Root = run.Id,
            CorrelationId = run.Id,
            Limits = definition.Limits,
            KeepsEffects = true,
            Created = time.GetUtcNow(),
            Input = await PackAsync(run, filled, "input", cancellationToken),
            Profile = await PackAsync(run, merged, "profile", cancellationToken),
            Overrides = changed.IsEmpty ? above : await OverridesAsync(run, definition, changed, above, cancellationToken),
            Overridden = changed.IsEmpty ? null : string.Join(' ', changed.Select(property => property.Name).Order(StringComparer.Ordinal)),
        };
    }

    /// <summary>The overrides of a run and of those above it.</summary>
    public async ValueTask<IReadOnlyList<ProfileOverride>> OverridesAsync(string tenant, RunValue? overrides, CancellationToken cancellationToken) => overrides is null
        ? []
        : (await values.LoadAsync(tenant, overrides, cancellationToken)).Deserialize(OverrideJson.Default.IReadOnlyListProfileOverride)!;

    private async ValueTask<RunValue> OverridesAsync(
        RunIdentity run, Definition definition, ImmutableArray<JsonProperty> changed, RunValue? above, CancellationToken cancellationToken)
    {
        var before = await OverridesAsync(run.Tenant, above, cancellationToken);
        ProfileOverride[] all = [.. before, .. changed.Select(property => new ProfileOverride(definition.Name, property.Name, property.Value))];
        return await PackAsync(run, JsonSerializer.SerializeToElement(all, OverrideJson.Default.IReadOnlyListProfileOverride), "profile", cancellationToken);
    }

    private async ValueTask<RunValue> PackAsync(RunIdentity run, JsonElement value, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await values.PackAsync(run.Tenant, value, cancellationToken);
        }
        catch (CanonicalJsonException error)
        {
            throw InputCheck.Invalid(name, error);
        }
    }

    /// <summary>The entry that says that a run was created.</summary>
    public static EntryDraft Created(RunIdentity run, RunRow row) => RunLog.OfRun(run, row, "created", EventTypes.RunCreated, row.Requester, new LogPayload()
        .Add("definition", row.Definition)
        .Add("input", row.Input.Hash)
        .Add("overrides", row.Overridden)
        .Add("parent", row.Parent)
        .Add("profile", row.Profile.Hash)
        .Add("version", row.Version)
        .Add("workflow", row.Workflow)
        .ToBytes());
}
