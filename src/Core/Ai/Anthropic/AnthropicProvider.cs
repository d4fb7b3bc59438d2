using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Core;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Countersign.Egress;
using Countersign.Secrets;
using Countersign.Steps;

namespace Countersign.Ai;

/// <summary>Anthropic's messages interface, through the official client. A schema of objects is asked for as the input of a tool the model must use.</summary>
public sealed class AnthropicProvider : IModelProvider, IDisposable
{
    /// <summary>Most tokens of an answer where the step names none; the interface demands a number.</summary>
    public const int DefaultMaxTokens = 4096;

    /// <summary>Anthropic's own interface.</summary>
    public static readonly Uri DefaultEndpoint = new("https://api.anthropic.com");

    private const string ToolUse = "tool_use";

    private readonly HttpClient http;
    private readonly AnthropicClient client;

    /// <summary>A provider.</summary>
    /// <param name="name">The name it goes by.</param>
    /// <param name="endpoint">Where the interface is, without its version; null for <see cref="DefaultEndpoint"/>.</param>
    /// <param name="key">The key.</param>
    /// <param name="egress">Opens connections; not disposed of here.</param>
    /// <param name="time">For dates in <c>Retry-After</c>.</param>
    public AnthropicProvider(string name, Uri? endpoint, Secret key, EgressHandler egress, TimeProvider time)
    {
        Name = name;
        http = new HttpClient(new ModelFailureHandler(egress, name, time)) { Timeout = Timeout.InfiniteTimeSpan };
        client = new AnthropicClient(new ClientOptions
        {
            HttpClient = http,
            BaseUrl = (endpoint ?? DefaultEndpoint).AbsoluteUri.TrimEnd('/'),
            ApiKey = key.Reveal(),
            AuthToken = null,
            MaxRetries = 0,

            // The step's own limit ends a question; the library wants a number and tells it to the server.
            Timeout = TimeSpan.FromHours(1),
        });
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async ValueTask<ModelResponse> AskAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        var heard = new Heard();
        try
        {
            if (request.OnDelta is null)
            {
                heard.Take(await client.Messages.Create(AnthropicMessages.From(request), cancellationToken));
            }
            else
            {
                await foreach (var part in client.Messages.CreateStreaming(AnthropicMessages.From(request), cancellationToken))
                {
                    heard.Take(part, request.OnDelta);
                }
            }

            return heard.Response(Name, request);
        }
        catch (AnthropicSseException exception)
        {
            // An error in the middle of a stream has no status; overload is by far the usual one.
            throw new ModelException(ModelErrorCodes.Unavailable, $"The provider '{Name}' gave up in the middle of its answer.", exception) { Retryable = true, MayBeBilled = true, PromptTokens = heard.PromptTokens };
        }
        catch (Exception exception) when (exception is not ModelException && !cancellationToken.IsCancellationRequested)
        {
            throw ModelFailure.From(exception, Name, heard.PromptTokens);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        http.Dispose();
    }

    /// <summary>What has been heard of an answer so far.</summary>
    private sealed class Heard
    {
        private readonly StringBuilder text = new();

        // What a model says beside its tool is no part of the answer.
        private readonly StringBuilder tooled = new();
        private string? model;
        private string? id;
        private string? stop;
        private bool complete;
        private bool isWhole;
        private long outputTokens;

        public long? PromptTokens { get; private set; }

        public void Take(Message message)
        {
            Begin(message);
            foreach (var block in message.Content)
            {
                if (block.TryPickText(out var said))
                {
                    text.Append(said.Text);
                }
                else if (block.TryPickToolUse(out var tool))
                {
                    var input = new SortedDictionary<string, JsonElement>(tool.Input.ToDictionary(), StringComparer.Ordinal);
                    tooled.Append(JsonSerializer.Serialize(input, StepJson.Default.SortedDictionaryStringJsonElement));
                }
            }

            (stop, outputTokens, complete, isWhole) = (message.StopReason?.Raw(), message.Usage.OutputTokens, true, true);
        }

        public void Take(RawMessageStreamEvent part, Action<string> onDelta)
        {
            if (part.TryPickStart(out var start))
            {
                Begin(start.Message);
            }
            else if (part.TryPickContentBlockDelta(out var block))
            {
                var isText = block.Delta.TryPickText(out var plain);
                var said = isText ? plain!.Text : block.Delta.TryPickInputJson(out var json) ? json.PartialJson : "";
                if (said.Length > 0)
                {
                    (isText ? text : tooled).Append(said);
                    onDelta(said);
                }
            }
            else if (part.TryPickDelta(out var delta))
            {
                (stop, outputTokens) = (delta.Delta.StopReason?.Raw(), delta.Usage.OutputTokens);
            }
            else if (part.TryPickStop(out _))
            {
                complete = true;
            }
        }

        public ModelResponse Response(string provider, ModelRequest request)
        {
            if (!complete)
            {
                throw ModelFailure.BrokenOff(provider, null, PromptTokens);
            }

            var finish = Finish();
            if (finish == ModelFinish.Refused)
            {
                throw ModelFailure.Refused(provider, PromptTokens, TokenCount.Told(outputTokens), id);
            }

            return new ModelResponse
            {
                Text = (tooled.Length > 0 ? tooled : text).ToString(),
                Provider = provider,
                Model = model ?? request.Model,
                PromptTokens = PromptTokens ?? request.EstimateTokens(),
                OutputTokens = TokenCount.Told(outputTokens) ?? ModelResponse.EstimateTokens(tooled.Length + text.Length),
                TokensAreEstimated = PromptTokens is null || TokenCount.Told(outputTokens) is null,
                Finish = finish,
                RequestId = id,
            };
        }

        // The server closes the input of a tool in a whole answer, so a cut input looks complete; the parts of a stream show the cut.
        private ModelFinish Finish() => FinishWord.Meaning(stop) switch
        {
            ModelFinish.Unfinished when stop == ToolUse && tooled.Length > 0 => ModelFinish.Stop,
            ModelFinish.Length when isWhole && tooled.Length > 0 => ModelFinish.Unfinished,
            var finish => finish ?? ModelFinish.Other,
        };

        private void Begin(Message message)
        {
            (id, model) = (message.ID, message.Model.Raw());

            // Cached tokens are told apart by the interface, but they are tokens of the question too.
            var usage = message.Usage;
            PromptTokens = TokenCount.Told(usage.InputTokens) is { } asked
                && TokenCount.Told(usage.CacheCreationInputTokens ?? 0) is { } created
                && TokenCount.Told(usage.CacheReadInputTokens ?? 0) is { } read
                    ? TokenCount.Told(asked + created + read)
                    : null;
        }
    }
}
