using System.Text.Json;
using Countersign.Access;
using Countersign.Canonical;
using Countersign.Ledger;
using Countersign.Orchestration;
using Countersign.Schemas;
using Countersign.Steps;
using Countersign.Workflows;

namespace Countersign.People;

/// <summary>Hands to waiting steps what they wait for: a filled-in form, the data of an event.</summary>
public sealed class Submissions(Waits waits, WorkflowCatalog workflows, RunValues values)
{
    /// <summary>Submits a form.</summary>
    /// <exception cref="WaitRefusedException">Not addressed, closed, or fields that break the form's rules, each named.</exception>
    public Task<WaitRow> SubmitAsync(Principal person, string id, JsonElement data, CancellationToken cancellationToken = default) =>
        waits.ChangeAsync(person, id, async (wait, now) =>
        {
            if (wait.Kind is not WaitKind.Form)
            {
                throw new WaitRefusedException("wait.wrong-kind", 409, "This waits for an approval or an event, not for a form.");
            }

            Eligibility.Demand(wait, person);
            var definition = await workflows.LoadAsync(person.Tenant, wait.Definition, cancellationToken);
            var filled = Checked(definition.FindSchema(wait.StepId), data);
            return await ReceivedAsync(person, wait, EventTypes.FormSubmitted, filled, now, cancellationToken);
        }, cancellationToken);

    /// <summary>Hands an event to the step of a run that waits for it.</summary>
    /// <exception cref="WaitRefusedException">The step waits for another event, is closed, or the data breaks its schema.</exception>
    public Task<WaitRow> ReceiveAsync(Principal sender, string id, string name, JsonElement data, CancellationToken cancellationToken = default) =>
        waits.ChangeAsync(sender, id, async (wait, now) =>
        {
            if (wait.Kind is not WaitKind.Event || wait.Event != name)
            {
                throw new WaitRefusedException("wait.wrong-kind", 409, $"This does not wait for an event named '{name}'.");
            }

            var definition = await workflows.LoadAsync(sender.Tenant, wait.Definition, cancellationToken);
            var filled = Checked(definition.FindSchema(wait.StepId), data);
            return await ReceivedAsync(sender, wait, EventTypes.WaitEventReceived, filled, now, cancellationToken);
        }, cancellationToken);

    private async ValueTask<WaitChange> ReceivedAsync(
        Principal person, WaitRow wait, string type, JsonElement data, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var value = await PackAsync(values, person.Tenant, data, cancellationToken);
        var received = wait with { State = WaitState.Decided, DecidedAt = now, Value = value };
        var payload = new LogPayload().Add("data", value.Hash).Add("event", wait.Event).Add("step", wait.StepId).Add("via", person.Via).Add("visit", wait.Visit).ToBytes();
        return new WaitChange(received, WaitLog.Entry(received, type, null, person.User, payload));
    }

    /// <summary>Packs what was sent as <c>data</c>.</summary>
    /// <exception cref="WaitRefusedException">It has no canonical form; the field is named.</exception>
    internal static async ValueTask<RunValue> PackAsync(RunValues values, string tenant, JsonElement data, CancellationToken cancellationToken)
    {
        try
        {
            return await values.PackAsync(tenant, data, cancellationToken);
        }
        catch (CanonicalJsonException error)
        {
            throw new WaitRefusedException(
                "wait.data-invalid", 422, $"/data{error.Pointer} {error.Rule}.", [new FieldError("/data" + error.Pointer, error.Rule)]);
        }
    }

    /// <summary>The data with the schema's defaults filled in.</summary>
    /// <exception cref="WaitRefusedException">The data breaks the schema; each field is named.</exception>
    internal static JsonElement Checked(JsonSchema? schema, JsonElement given)
    {
        if (schema is null)
        {
            return given;
        }

        var data = schema.FillDefaults(given);
        var result = schema.Validate(data);
        if (!result.Valid)
        {
            throw new WaitRefusedException(
                "wait.data-invalid", 422, "The data breaks the rules of the step; see the errors.",
                [.. result.Errors.Select(error => new FieldError("/data" + error.FieldLocation, error.Message))]);
        }

        return data;
    }
}
