using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Countersign.Checkpoints;
using Countersign.Ledger;

namespace Countersign.Azure.Checkpoints;

/// <summary>
/// A signing key that never leaves Key Vault: two operations of its REST interface (get a key, sign, api-version 7.4), with an
/// identity's token. The version of the key is pinned when it is opened. Safe for concurrent use.
/// </summary>
/// <remarks>docs/dependencies.md says which library would take its place.</remarks>
public sealed class KeyVaultSigner : ICheckpointSigner
{
    private const string ApiVersion = "7.4";
    private const string Algorithm = "ES256";

    private readonly HttpPipeline pipeline;
    private readonly Uri key;

    private KeyVaultSigner(HttpPipeline pipeline, Uri key, CheckpointKey known) => (this.pipeline, this.key, Key) = (pipeline, key, known);

    /// <inheritdoc/>
    public CheckpointKey Key { get; }

    /// <summary>Opens a key.</summary>
    /// <param name="key">Its identifier, <c>https://vault/keys/name</c> for the newest version, or with a version.</param>
    /// <param name="credential">Who asks; needs the right to read the key's public part and to sign.</param>
    /// <param name="transport">How requests are sent; the standard one by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The identifier is not one of a key in a vault.</exception>
    /// <exception cref="CheckpointException">The key is not ECDSA on P-256 (<c>checkpoint.key-invalid</c>).</exception>
    /// <exception cref="CheckpointsUnavailableException">The vault cannot be reached, or refuses.</exception>
    public static async Task<KeyVaultSigner> OpenAsync(
        Uri key, TokenCredential credential, HttpPipelineTransport? transport = null, CancellationToken cancellationToken = default)
    {
        if (key.Scheme != Uri.UriSchemeHttps || key.Segments is not ["/", "keys/", _, ..] || key.Segments.Length > 4 || key.Query.Length > 0)
        {
            throw new ArgumentException($"'{key}' is no key's identifier, such as https://vault.vault.azure.net/keys/name.", nameof(key));
        }

        var options = new Options();
        if (transport is not null)
        {
            options.Transport = transport;
        }

        var pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, Scope(key)));
        using var answer = await AskAsync(pipeline, RequestMethod.Get, key, null, cancellationToken);
        var (version, known) = Read(answer.RootElement);

        // What is signed with from now on is the key that was asked for, whatever the answer says.
        return version.Authority == key.Authority && Parts(version).Take(Parts(key).Length).SequenceEqual(Parts(key), StringComparer.OrdinalIgnoreCase)
            ? new KeyVaultSigner(pipeline, version, known)
            : throw new CheckpointException(CheckpointErrorCodes.KeyInvalid, $"the vault answered with the key '{version}', not with '{key}'");
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]> SignAsync(Hash256 digest, CancellationToken cancellationToken = default)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["alg"] = Algorithm, ["value"] = ToBase64Url(digest.ToArray()) });
        using var answer = await AskAsync(pipeline, RequestMethod.Post, new Uri($"{key.AbsoluteUri.TrimEnd('/')}/sign"), body, cancellationToken);

        // Anything but a signature is refused where it is verified, before it is kept.
        return answer.RootElement.TryGetProperty("value", out var value) && value.GetString() is { Length: <= 1000 } text && Base64Url.IsValid(text)
            ? FromBase64Url(text)
            : [];
    }

    // The public part, a JSON Web Key (RFC 7518, 6.2).
    private static (Uri Version, CheckpointKey Known) Read(JsonElement answer)
    {
        try
        {
            var jwk = answer.GetProperty("key");
            if (jwk.GetProperty("kty").GetString() is not ("EC" or "EC-HSM") || jwk.GetProperty("crv").GetString() != "P-256")
            {
                throw new CheckpointException(CheckpointErrorCodes.KeyInvalid, "the vault's key is not on the curve P-256");
            }

            var point = new ECPoint { X = FromBase64Url(jwk.GetProperty("x").GetString()), Y = FromBase64Url(jwk.GetProperty("y").GetString()) };
            using var known = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point });
            return (new Uri(jwk.GetProperty("kid").GetString()!), CheckpointKey.From(known));
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or CryptographicException or ArgumentException)
        {
            throw new CheckpointException(CheckpointErrorCodes.KeyInvalid, "the vault's answer is no key", error);
        }
    }

    private static async Task<JsonDocument> AskAsync(HttpPipeline pipeline, RequestMethod method, Uri where, byte[]? body, CancellationToken cancellationToken)
    {
        try
        {
            using var message = pipeline.CreateMessage();
            message.Request.Method = method;
            message.Request.Uri.Reset(new Uri($"{where.AbsoluteUri.TrimEnd('/')}?api-version={ApiVersion}"));
            message.Request.Headers.Add("Accept", "application/json");
            if (body is not null)
            {
                message.Request.Headers.Add("Content-Type", "application/json");
                message.Request.Content = RequestContent.Create(body);
            }

            await pipeline.SendAsync(message, cancellationToken);
            return message.Response.Status == 200
                ? JsonDocument.Parse(message.Response.Content)
                : throw new CheckpointsUnavailableException($"The vault '{where.Authority}' answers {message.Response.Status} {message.Response.ReasonPhrase}.");
        }
        catch (Exception error) when (IsTrouble(error) && !cancellationToken.IsCancellationRequested)
        {
            throw new CheckpointsUnavailableException($"The vault '{where.Authority}' cannot be reached: {error.Message}", error);
        }
    }

    // AuthenticationFailedException: no token, for the moment or for good; the message says which.
    private static bool IsTrouble(Exception error) => error
        is RequestFailedException or HttpRequestException or IOException or TimeoutException or OperationCanceledException
        or AggregateException or JsonException or global::Azure.Identity.AuthenticationFailedException;

    // A vault's resource is its domain: https://vault.azure.net in the public cloud.
    private static string Scope(Uri key) =>
        key.HostNameType == UriHostNameType.Dns && key.Host.IndexOf('.', StringComparison.Ordinal) is var dot and > 0
            ? $"https://{key.Host[(dot + 1)..]}/.default"
            : "https://vault.azure.net/.default";

    private static string[] Parts(Uri key) => key.AbsolutePath.Trim('/').Split('/');

    private static string ToBase64Url(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] FromBase64Url(string? text) => Base64Url.DecodeFromChars(text ?? throw new FormatException("A text is missing."));

    private sealed class Options : ClientOptions;
}
