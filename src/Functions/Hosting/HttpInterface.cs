using System.Security.Cryptography;
using System.Text;
using Countersign.Access;
using Countersign.Api;
using Countersign.Azure;
using Countersign.Composition;
using Countersign.Ledger;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Countersign.Functions.Hosting;

/// <summary>The same endpoints as on one machine, behind one function.</summary>
public sealed class HttpInterface : IAsyncDisposable
{
    private const string FirstKeyMark = "host|first-key";
    private const string FirstTenant = "default";

    // No header can say it: what a caller sends as Idempotency-Key has neither a control character nor this meaning.
    private const string FirstKeyRequest = "\u0001first-key";

    private readonly HubEngine engine;
    private readonly ApiServices api;
    private readonly RequestDelegate pipeline;

    /// <summary>Puts the pipeline together.</summary>
    /// <param name="core">The product.</param>
    /// <param name="stores">Whose artifact key the key of task links is derived from.</param>
    public HttpInterface(CoreServices core, AzureStoresOptions stores)
    {
        engine = new HubEngine(core.Rows);
        var taskKey = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, Convert.FromBase64String(stores.ArtifactKey), 32, info: Encoding.ASCII.GetBytes("countersign task links 1"));
        api = new ApiServices(core, engine, taskKey) { LongestStream = TimeSpan.FromSeconds(220) };

        // Never started: the Functions host is the server, this is only what happens to its requests.
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.UseCountersign(api);
        pipeline = ((IApplicationBuilder)app).Build();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => api.DisposeAsync();

    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(HttpContext context, DurableTaskClient client)
    {
        engine.Use(client);

        // The worker's own routing has been through it and would keep ours from looking.
        var (endpoint, values) = (context.GetEndpoint(), context.Request.RouteValues);
        context.SetEndpoint(null);
        context.Request.RouteValues = [];
        try
        {
            await pipeline(context);
        }
        finally
        {
            context.SetEndpoint(endpoint);
            context.Request.RouteValues = values;
        }
    }

    /// <summary>Makes the first key of a deployment that has none: an admin of the tenant <c>default</c>. Null where there was one before.</summary>
    public async Task<string?> MakeFirstKeyAsync(CancellationToken cancellationToken)
    {
        var ledger = api.Core.Parts.Ledger;
        if (await ledger.ReadRowAsync(FirstTenant, FirstKeyMark, cancellationToken) is not null)
        {
            return null;
        }

        // Requests that come at the same time make one and the same key, and only the one that writes the mark shows it. Cut off before the mark, the
        // next request makes that key again.
        var (secret, _) = await api.Keys.CreateAsync(Principal.System(FirstTenant), "admin", [Role.Admin], FirstKeyRequest, cancellationToken);
        try
        {
            await ledger.CommitAsync(FirstTenant, new LedgerCommit { Rows = [RowWrite.Insert(FirstKeyMark, "{}"u8.ToArray())] }, cancellationToken);
            return secret;
        }
        catch (LedgerConflictException)
        {
            return null;
        }
    }
}
