using Azure.Core;
using Azure.Identity;

namespace Countersign.Azure;

/// <summary>
/// The identity that an app acts under. In Azure it is the managed identity and nothing else: a chain of credentials would try other sources first,
/// take seconds where none answers, and could pick up a developer's account. On a developer's machine it is that chain.
/// </summary>
public static class AppIdentity
{
    /// <summary>The variable that names the client id of a user-assigned identity.</summary>
    public const string ClientId = "AZURE_CLIENT_ID";

    // Every plan of App Service and Functions sets the first; Container Apps sets the second.
    private static readonly string[] MarksOfAzure = ["WEBSITE_INSTANCE_ID", "CONTAINER_APP_NAME", "IDENTITY_ENDPOINT"];

    /// <summary>The credential of this process.</summary>
    public static TokenCredential Credential() => Credential(Environment.GetEnvironmentVariable);

    /// <summary>The credential by given variables.</summary>
    /// <param name="variable">Reads a variable of the environment.</param>
    public static TokenCredential Credential(Func<string, string?> variable)
    {
        if (!MarksOfAzure.Any(name => variable(name) is { Length: > 0 }))
        {
            return new DefaultAzureCredential();
        }

        return new ManagedIdentityCredential(
            variable(ClientId) is { Length: > 0 } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned);
    }
}
