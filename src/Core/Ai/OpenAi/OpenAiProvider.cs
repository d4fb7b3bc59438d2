using System.ClientModel;
using System.ClientModel.Primitives;
using Countersign.Egress;
using Countersign.Secrets;
using OpenAI;

namespace Countersign.Ai;

/// <summary>OpenAI, and every server that speaks its chat interface, through the official client.</summary>
public sealed class OpenAiProvider : IModelProvider, IDisposable
{
    /// <summary>OpenAI's own interface.</summary>
    public static readonly Uri DefaultEndpoint = new("https://api.openai.com/v1");

    private readonly HttpClient http;
    private readonly OpenAIClient client;

    /// <summary>A provider.</summary>
    /// <param name="name">The name it goes by.</param>
    /// <param name="endpoint">Where the interface is, its version included; null for <see cref="DefaultEndpoint"/>.</param>
    /// <param name="key">The key. A server that wants none is given any text.</param>
    /// <param name="egress">Opens connections; not disposed of here.</param>
    /// <param name="time">For dates in <c>Retry-After</c>.</param>
    public OpenAiProvider(string name, Uri? endpoint, Secret key, EgressHandler egress, TimeProvider time)
    {
        Name = name;
        http = OpenAiClients.Http(egress, name, time);
        client = OpenAiClients.Make(
            ApiKeyAuthenticationPolicy.CreateBearerAuthorizationPolicy(new ApiKeyCredential(key.Reveal())), endpoint ?? DefaultEndpoint, http);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ValueTask<ModelResponse> AskAsync(ModelRequest request, CancellationToken cancellationToken) =>
        OpenAiChat.AskAsync(client.GetChatClient(request.Model), Name, request, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
