using System.ClientModel.Primitives;
using Countersign.Egress;
using OpenAI;

namespace Countersign.Ai;

/// <summary>Makes the official client, so that it sends over our connections, asks once and waits as long as the step lets it.</summary>
internal static class OpenAiClients
{
    /// <summary>Connections whose answers are in the form that the client takes.</summary>
    public static HttpClient Http(EgressHandler egress, string provider, TimeProvider time)
    {
        var failures = new ModelFailureHandler(egress, provider, time);
        return new HttpClient(new OpenAiAnswerHandler(failures, failures)) { Timeout = Timeout.InfiniteTimeSpan };
    }

#pragma warning disable OPENAI001 // Signing in by a policy is marked as experimental by the library; it is what Microsoft documents for Entra tokens.
    public static OpenAIClient Make(AuthenticationPolicy authentication, Uri endpoint, HttpClient http) => new(authentication, new OpenAIClientOptions
    {
        Endpoint = endpoint,
        Transport = new HttpClientPipelineTransport(http),
        RetryPolicy = new ClientRetryPolicy(0),
        NetworkTimeout = Timeout.InfiniteTimeSpan,
    });
#pragma warning restore OPENAI001
}
