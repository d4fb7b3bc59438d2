using System.Text;
using OpenAI.Chat;

namespace Countersign.Ai;

/// <summary>Asks through the official OpenAI client: for OpenAI itself, for servers that speak its interface, and for Azure's, whose client hands out the same <see cref="ChatClient"/>.</summary>
public static class OpenAiChat
{
    private const string SchemaName = "answer";

    /// <summary>Asks once.</summary>
    /// <param name="client">A client that does not retry by itself.</param>
    /// <param name="provider">The provider's name.</param>
    /// <param name="request">What to ask.</param>
    /// <param name="cancellationToken">Fires when the step's time is up.</param>
    /// <exception cref="ModelException">There was no answer.</exception>
    public static async ValueTask<ModelResponse> AskAsync(ChatClient client, string provider, ModelRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return request.OnDelta is null
                ? await WholeAsync(client, provider, request, cancellationToken)
                : await StreamedAsync(client, provider, request, request.OnDelta, cancellationToken);
        }
        catch (Exception exception) when (exception is not ModelException && !cancellationToken.IsCancellationRequested)
        {
            throw ModelFailure.From(exception, provider);
        }
    }

    private static async ValueTask<ModelResponse> WholeAsync(ChatClient client, string provider, ModelRequest request, CancellationToken cancellationToken)
    {
        ChatCompletion answer = await client.CompleteChatAsync(Messages(request), Options(request), cancellationToken);
        var text = string.Concat(answer.Content.Select(part => part.Text));
        return Response(new Heard(answer.Model, answer.Id, text, answer.FinishReason, answer.Refusal is not null, answer.Usage), provider, request);
    }

    private static async ValueTask<ModelResponse> StreamedAsync(
        ChatClient client, string provider, ModelRequest request, Action<string> onDelta, CancellationToken cancellationToken)
    {
        var heard = new Heard(null, null, "", null, false, null);
        StringBuilder text = new();
        await foreach (var update in client.CompleteChatStreamingAsync(Messages(request), Options(request), cancellationToken))
        {
            foreach (var part in update.ContentUpdate.Where(part => !string.IsNullOrEmpty(part.Text)))
            {
                text.Append(part.Text);
                onDelta(part.Text);
            }

            heard = heard with
            {
                Model = update.Model ?? heard.Model,
                Id = update.CompletionId ?? heard.Id,
                Finish = update.FinishReason ?? heard.Finish,
                Refused = heard.Refused || !string.IsNullOrEmpty(update.RefusalUpdate),
                Usage = update.Usage ?? heard.Usage,
            };
        }

        // A stream that just stops is one that broke off.
        return heard.Finish is null && !heard.Refused
            ? throw ModelFailure.BrokenOff(provider, null, heard.Usage?.InputTokenCount)
            : Response(heard with { Text = text.ToString() }, provider, request);
    }

    private static ModelResponse Response(Heard heard, string provider, ModelRequest request)
    {
        if (heard.Refused || heard.Finish == ChatFinishReason.ContentFilter)
        {
            throw ModelFailure.Refused(provider, heard.Usage?.InputTokenCount, heard.Usage?.OutputTokenCount, heard.Id);
        }

        return new ModelResponse
        {
            Text = heard.Text,
            Provider = provider,
            Model = string.IsNullOrEmpty(heard.Model) ? request.Model : heard.Model,
            PromptTokens = heard.Usage?.InputTokenCount ?? request.EstimateTokens(),
            OutputTokens = heard.Usage?.OutputTokenCount ?? ModelResponse.EstimateTokens(heard.Text),
            TokensAreEstimated = heard.Usage is null,
            Finish = heard.Finish switch
            {
                ChatFinishReason.Stop => ModelFinish.Stop,
                ChatFinishReason.Length => ModelFinish.Length,
                ChatFinishReason.ToolCalls => ModelFinish.Unfinished,
                _ => ModelFinish.Other,
            },
            RequestId = heard.Id,
        };
    }

    private static List<ChatMessage> Messages(ModelRequest request)
    {
        var system = request.Schema is { } schema && !SchemaInstruction.IsOfObjects(schema) ? SchemaInstruction.After(request.System, schema) : request.System;
        List<ChatMessage> messages = system is null ? [] : [new SystemChatMessage(system)];
        messages.AddRange(request.Messages.Select(message => message.Role == ModelRole.User
            ? (ChatMessage)new UserChatMessage(message.Text)
            : new AssistantChatMessage(message.Text)));
        return messages;
    }

    private static ChatCompletionOptions Options(ModelRequest request)
    {
        var options = new ChatCompletionOptions { Temperature = (float?)request.Temperature, MaxOutputTokenCount = request.MaxTokens };
#pragma warning disable OPENAI001 // The seed is marked as experimental by the library; the interface has had it since 2023.
        options.Seed = request.Seed;
#pragma warning restore OPENAI001
        if (request.Schema is { } schema && SchemaInstruction.IsOfObjects(schema))
        {
            options.ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat(
                SchemaName, BinaryData.FromString(schema.GetRawText()), jsonSchemaIsStrict: SchemaInstruction.IsStrict(schema));
        }

        return options;
    }

    private sealed record Heard(string? Model, string? Id, string Text, ChatFinishReason? Finish, bool Refused, ChatTokenUsage? Usage);
}
