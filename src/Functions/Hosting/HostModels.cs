using Countersign.Ai;
using Countersign.Azure;
using Countersign.Azure.Models;
using Countersign.Secrets;
using Microsoft.Extensions.Configuration;

namespace Countersign.Functions.Hosting;

/// <summary>
/// The models of the app. A key is an app setting: under the name that <c>env</c> gives, or as <c>COUNTERSIGN_HOST_SECRET__name</c> where the file says
/// <c>secret</c>; each of them may be a Key Vault reference. With <c>auth: entra</c> the app's managed identity signs in, or on a developer's machine
/// whoever is signed in there.
/// </summary>
internal static class HostModels
{
    /// <summary>Makes the models that the settings name; null for the mock alone.</summary>
    /// <exception cref="ProvidersInvalidException">The providers are not of the form, or a key is not there.</exception>
    public static async Task<ConfiguredModels?> OpenAsync(HostSettings settings, IConfiguration configuration)
    {
        if (settings.Providers is null)
        {
            return null;
        }

        var file = await ProvidersFile.FromSettingAsync(settings.Providers, "COUNTERSIGN_PROVIDERS");
        var credential = file.Providers.Any(provider => provider.Auth == ProviderAuth.Entra) ? AppIdentity.Credential() : null;
        return await ConfiguredModels.OpenAsync(file, new ProviderHost
        {
            AllowedTargets = settings.EgressAllowed,
            Identity = credential,
            AzureOpenAi = (entry, key) => key is null
                ? AzureOpenAiClients.ByIdentity(entry.Endpoint!, credential!, entry.Scope, entry.Name)
                : AzureOpenAiClients.ByKey(entry.Endpoint!, key),
            Keys = (source, _) => new(
                configuration[source.Env ?? $"COUNTERSIGN_HOST_SECRET:{source.Secret}"] is { Length: > 0 } value ? new Secret(value) : null),
        });
    }
}
