using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Countersign.Steps;

namespace Countersign.Ai;

/// <summary>
/// A model that needs no key: its answers are a function of prompt, schema and seed, the same after every restart and on every
/// machine. Its faults can be chosen per step; see docs/models.md.
/// </summary>
public sealed class MockProvider : IModelProvider
{
    /// <summary>The name it goes by where none is given.</summary>
    public const string DefaultName = "mock";

    /// <summary>The model it plays where none is named.</summary>
    public const string DefaultModel = "mock-1";

    /// <summary>A mock.</summary>
    /// <param name="name">The name it goes by.</param>
    public MockProvider(string name = DefaultName) => Name = name;

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async ValueTask<ModelResponse> AskAsync(ModelRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (request.Mock.Mode == AiMockMode.Timeout)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        if (request.Mock.Mode == AiMockMode.TransientError && request.Attempt <= FailingAttempts(request.Seed))
        {
            throw new ModelException(ModelErrorCodes.Unavailable, $"The mock is overloaded in attempt {request.Attempt}, as it was told to be.") { Retryable = true, Status = 503 };
        }

        var text = Answer(request, cancellationToken);
        Stream(request, text);
        return new ModelResponse
        {
            Text = text,
            Provider = Name,
            Model = request.Model,
            PromptTokens = request.EstimateTokens(),
            OutputTokens = ModelResponse.EstimateTokens(text),
            RequestId = $"mock-{Seed(request):x16}",
        };
    }

    // One or two, by seed: always fewer than the three attempts that are usual, because it is a fault that passes.
    private static long FailingAttempts(long? seed) => 1 + Math.Abs((seed ?? 0) % 2);

    private static string Answer(ModelRequest request, CancellationToken cancellationToken)
    {
        // With an output given the fault is one that a repair mends; without one it stays.
        var mended = request.Mock.Output is not null && request.Messages.Length > 1;
        if (request.Mock.Mode == AiMockMode.SchemaViolation && !mended)
        {
            // Where the schema allows everything, what is not JSON still breaks it.
            return request.Schema is { } broken && SchemaSample.Break(broken, Seed(request), cancellationToken) is { } value ? value.GetRawText() : "{ this is not JSON";
        }

        if (request.Mock.Output is { } given)
        {
            return given.ValueKind == JsonValueKind.String && request.Schema is null ? given.GetString()! : given.GetRawText();
        }

        if (request.Schema is not { } schema)
        {
            return SampleText.Words("Answer:", new SampleNumbers(Seed(request))) + ".";
        }

        return SchemaSample.Make(schema, Seed(request), cancellationToken) is { } made
            ? made.GetRawText()
            : throw new ModelException(ModelErrorCodes.MockUnable, $"The mock found no value for the schema, of at most {SampleWork.MostNodes} parts and {SampleWork.MostCharacters} characters; give the step a 'mock.output'.");
    }

    private static void Stream(ModelRequest request, string text)
    {
        const int Piece = 16;
        for (var at = 0; request.OnDelta is { } take && at < text.Length; at += Piece)
        {
            take(text[at..Math.Min(text.Length, at + Piece)]);
        }
    }

    // The first message and not the repairs, so that a repaired answer is the one that was meant.
    private static ulong Seed(ModelRequest request)
    {
        var asked = $"{request.Seed ?? 0}\n{request.Model}\n{request.System}\n{request.Messages[0].Text}\n{request.Schema?.GetRawText()}";
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(asked)));
    }
}
