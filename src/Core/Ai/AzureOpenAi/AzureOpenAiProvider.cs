using System.ClientModel;
using System.ClientModel.Primitives;
using Countersign.Egress;
using Countersign.Secrets;
using OpenAI.Chat;

namespace Countersign.Ai;

/// <summary>Makes a client for a deployment of Azure OpenAI.</summary>
/// <param name="deployment">The deployment.</param>
public delegate ChatClient AzureOpenAiChat(string deployment);

/// <summary>
/// Azure OpenAI. By itself it speaks version 1 of the interface through the official OpenAI client; a host may give it Azure's own client instead. A
/// model is named by its deployment. See docs/adr/0008-azure-openai-by-the-v1-api.md.
/// </summary>
public sealed class AzureOpenAiProvider : IModelProvider, IDisposable
{
    /// <summary>The scope of tokens in Azure's public cloud.</summary>
    public const string DefaultScope = "https://cognitiveservices.azure.com/.default";

    private const string KeyHeader = "api-key";
    private const string Version = "/openai/v1/";

    private readonly HttpClient http;
    private readonly AzureOpenAiChat chat;

    /// <summary>A provider that is known by a key.</summary>
    /// <param name="name">The name it goes by.</param>
    /// <param name="endpoint">The resource, such as <c>https://my-resource.openai.azure.com</c>, with or without <c>/openai/v1</c>.</param>
    /// <param name="key">The key, sent as <c>api-key</c>.</param>
    /// <param name="egress">Opens connections; not disposed of here.</param>
    /// <param name="time">For dates in <c>Retry-After</c>.</param>
    public AzureOpenAiProvider(string name, Uri endpoint, Secret key, EgressHandler egress, TimeProvider time)
        : this(name, endpoint, ApiKeyAuthenticationPolicy.CreateHeaderApiKeyPolicy(new ApiKeyCredential(key.Reveal()), KeyHeader), egress, time)
    {
    }

    /// <summary>A provider that is known by tokens of Microsoft Entra.</summary>
    /// <param name="name">The name it goes by.</param>
    /// <param name="endpoint">The resource; https, because a token is never sent in the open.</param>
    /// <param name="identity">Gets tokens; every credential of Azure.Identity is one. It is asked before every question and keeps its tokens itself.</param>
    /// <param name="scope">Their scope; null for <see cref="DefaultScope"/>.</param>
    /// <param name="egress">Opens connections; not disposed of here.</param>
    /// <param name="time">For dates in <c>Retry-After</c>.</param>
    public AzureOpenAiProvider(string name, Uri endpoint, AuthenticationTokenProvider identity, string? scope, EgressHandler egress, TimeProvider time)
        : this(name, endpoint, new TokenPolicy(identity, scope ?? DefaultScope, name), egress, time)
    {
    }

    /// <summary>A provider that is asked through clients of the host's making.</summary>
    /// <param name="name">The name it goes by.</param>
    /// <param name="clients">Makes the clients; they send over the given connections, ask once and have no time limit of their own.</param>
    /// <param name="egress">Opens connections; not disposed of here.</param>
    /// <param name="time">For dates in <c>Retry-After</c>.</param>
    public AzureOpenAiProvider(string name, Func<HttpClient, AzureOpenAiChat> clients, EgressHandler egress, TimeProvider time)
    {
        Name = name;
        http = OpenAiClients.Http(egress, name, time);
        chat = clients(http);
    }

    private AzureOpenAiProvider(string name, Uri endpoint, AuthenticationPolicy authentication, EgressHandler egress, TimeProvider time)
        : this(name, http => OpenAiClients.Make(authentication, InterfaceOf(endpoint), http).GetChatClient, egress, time)
    {
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ValueTask<ModelResponse> AskAsync(ModelRequest request, CancellationToken cancellationToken) =>
        OpenAiChat.AskAsync(chat(request.Model), Name, request, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    /// <summary>Whether an address is that of a resource, as the portal shows it, and names no version of the interface.</summary>
    public static bool IsResource(Uri endpoint) => endpoint.AbsolutePath == "/";

    // The portal shows the resource's address without the path of the interface, documentation with it.
    private static Uri InterfaceOf(Uri endpoint) => IsResource(endpoint) ? new Uri(endpoint, Version) : endpoint;

    /// <summary>Signs in with tokens, and tells a sign-in that failed from a provider that did.</summary>
    private sealed class TokenPolicy(AuthenticationTokenProvider identity, string scope, string provider) : AuthenticationPolicy
    {
        private readonly BearerTokenPolicy bearer = new(new Named(identity, provider), scope);

        public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            bearer.Process(message, pipeline, currentIndex);

        public override ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
            bearer.ProcessAsync(message, pipeline, currentIndex);
    }

    /// <summary>An identity whose failures are typed.</summary>
    private sealed class Named(AuthenticationTokenProvider identity, string provider) : AuthenticationTokenProvider
    {
        public override GetTokenOptions? CreateTokenOptions(IReadOnlyDictionary<string, object> properties) => identity.CreateTokenOptions(properties);

        public override AuthenticationToken GetToken(GetTokenOptions options, CancellationToken cancellationToken) =>
            identity.GetToken(options, cancellationToken);

        public override async ValueTask<AuthenticationToken> GetTokenAsync(GetTokenOptions options, CancellationToken cancellationToken)
        {
            try
            {
                return await identity.GetTokenAsync(options, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The identity endpoint of a host that has just started may need a moment.
                throw new ModelException(ModelErrorCodes.SignInFailed, $"The host's identity got no token for the provider '{provider}'.", exception) { Retryable = true };
            }
        }
    }
}
