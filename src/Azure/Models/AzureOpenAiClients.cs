using System.ClientModel;
using System.ClientModel.Primitives;
using Azure.AI.OpenAI;
using Azure.AI.OpenAI.Chat;
using Azure.Core;
using Countersign.Ai;
using Countersign.Secrets;
using OpenAI.Chat;

namespace Countersign.Azure.Models;

/// <summary>Azure's own client of Azure OpenAI, by the newest released version of its interface (2024-10-21).</summary>
public static class AzureOpenAiClients
{
    /// <summary>Clients that send a key.</summary>
    /// <param name="endpoint">The resource, such as <c>https://my-resource.openai.azure.com</c>.</param>
    /// <param name="key">The key.</param>
    public static Func<HttpClient, AzureOpenAiChat> ByKey(Uri endpoint, Secret key) =>
        http => Chats(new AzureOpenAIClient(endpoint, new ApiKeyCredential(key.Reveal()), Options(http)));

    /// <summary>Clients that sign in with Microsoft Entra.</summary>
    /// <param name="endpoint">The resource.</param>
    /// <param name="credential">Gets tokens and keeps them.</param>
    /// <param name="scope">Their scope; null for that of Azure's public cloud.</param>
    /// <param name="provider">The provider's name, for errors.</param>
    public static Func<HttpClient, AzureOpenAiChat> ByIdentity(Uri endpoint, TokenCredential credential, string? scope, string provider) =>
        http => Chats(new AzureOpenAIClient(endpoint, new NamedCredential(credential, provider), Options(http, scope)));

    private static AzureOpenAiChat Chats(AzureOpenAIClient client) => deployment => new LimitedChat(client.GetChatClient(deployment));

    private static AzureOpenAIClientOptions Options(HttpClient http, string? scope = null)
    {
        var options = new AzureOpenAIClientOptions(AzureOpenAIClientOptions.ServiceVersion.V2024_10_21)
        {
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        if (scope is not null)
        {
            options.Audience = scope;
        }

        return options;
    }

    /// <summary>Sends the limit of tokens under the name that models that reason take; the others take it too.</summary>
    private sealed class LimitedChat(ChatClient inner) : ChatClient
    {
        public override Task<ClientResult<ChatCompletion>> CompleteChatAsync(
            IEnumerable<ChatMessage> messages, ChatCompletionOptions? options = null, CancellationToken cancellationToken = default) =>
            inner.CompleteChatAsync(messages, WithLimit(options), cancellationToken);

        public override AsyncCollectionResult<StreamingChatCompletionUpdate> CompleteChatStreamingAsync(
            IEnumerable<ChatMessage> messages, ChatCompletionOptions? options = null, CancellationToken cancellationToken = default) =>
            inner.CompleteChatStreamingAsync(messages, WithLimit(options), cancellationToken);

        private static ChatCompletionOptions? WithLimit(ChatCompletionOptions? options)
        {
#pragma warning disable AOAI001 // The extension is marked as experimental; without it the limit goes out as max_tokens, which those models refuse.
            options?.SetNewMaxCompletionTokensPropertyEnabled(true);
#pragma warning restore AOAI001
            return options;
        }
    }

    /// <summary>An identity whose failures are typed.</summary>
    private sealed class NamedCredential(TokenCredential inner, string provider) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            inner.GetToken(requestContext, cancellationToken);

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            try
            {
                return await inner.GetTokenAsync(requestContext, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The identity endpoint of a host that has just started may need a moment.
                throw new ModelException(ModelErrorCodes.SignInFailed, $"The host's identity got no token for the provider '{provider}'.", exception) { Retryable = true };
            }
        }
    }
}
