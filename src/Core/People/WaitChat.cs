using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Countersign.Access;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.People;

/// <summary>A message about an approval or a form.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="By">Who sent it: an opaque user id.</param>
/// <param name="At">When.</param>
/// <param name="Text">What it says.</param>
public sealed record ChatMessage(int Number, string By, DateTimeOffset At, string Text);

/// <summary>What people say to each other about an approval or a form. The text is kept in full with the wait; its entry has it redacted.</summary>
public sealed class WaitChat(Waits waits, ILedger ledger, RunValues values)
{
    private const int Page = 500;

    /// <summary>Sends a message about an approval or a form.</summary>
    /// <exception cref="WaitRefusedException">Neither asked by the step nor the requester, an empty or too long text, or closed already.</exception>
    public Task<WaitRow> SendAsync(Principal person, string id, string text, CancellationToken cancellationToken = default) =>
        waits.ChangeAsync(person, id, async (wait, now) =>
        {
            if (wait.Kind is not (WaitKind.Approval or WaitKind.Form))
            {
                throw new WaitRefusedException("wait.wrong-kind", 409, "This waits for an event or a time, so no person reads a message.");
            }

            if (!Eligibility.IsAddressed(wait, person) && person.User != wait.Requester)
            {
                throw WaitRefusedException.NotYours();
            }

            Approvals.CheckText("/text", text);
            var asked = wait with { Messages = wait.Messages + 1, LastMessageBy = person.User };
            var packed = await values.PackAsync(person.Tenant, JsonSerializer.SerializeToElement(text, ChatJson.Default.String), cancellationToken);
            var kept = JsonSerializer.SerializeToUtf8Bytes(new StoredMessage(asked.Messages, person.User, now, packed), ChatJson.Default.StoredMessage);
            var facts = new LogPayload()
                .Add("number", asked.Messages).Add("step", wait.StepId).Add("text", Redactor.Default.Redact(text)).Add("via", person.Via).Add("visit", wait.Visit);
            var revision = wait.Revision.ToString(CultureInfo.InvariantCulture);
            return new WaitChange(asked, WaitLog.Entry(asked, WaitLog.Message(asked.Kind), revision, person.User, facts.ToBytes()))
            {
                Row = RowWrite.Insert(Key(wait, asked.Messages), kept),
            };
        }, cancellationToken);

    /// <summary>The messages about a wait, in order.</summary>
    public async Task<IReadOnlyList<ChatMessage>> ReadAsync(string tenant, WaitRow wait, CancellationToken cancellationToken = default)
    {
        var messages = new List<ChatMessage>();
        if (wait.Messages == 0)
        {
            return messages;
        }

        IReadOnlyList<Row> rows;
        string? after = null;
        do
        {
            rows = await ledger.ScanRowsAsync(tenant, Prefix(wait), after, Page, cancellationToken);
            foreach (var row in rows)
            {
                var stored = JsonSerializer.Deserialize(row.Value.Span, ChatJson.Default.StoredMessage)!;
                var text = (await values.LoadAsync(tenant, stored.Text, cancellationToken)).GetString()!;
                messages.Add(new ChatMessage(stored.Number, stored.By, stored.At, text));
            }

            after = rows.Count > 0 ? rows[^1].Key : after;
        }
        while (rows.Count == Page);

        return messages;
    }

    private static string Prefix(WaitRow wait) => $"chat|{wait.Run}|{wait.Key}|";

    private static string Key(WaitRow wait, int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix(wait)}{number:D10}");
}

/// <summary>A message as it is stored.</summary>
internal sealed record StoredMessage(int Number, string By, DateTimeOffset At, RunValue Text);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredMessage))]
[JsonSerializable(typeof(string))]
internal sealed partial class ChatJson : JsonSerializerContext;
