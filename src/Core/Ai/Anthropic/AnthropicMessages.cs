using System.Text.Json;
using Anthropic.Models.Messages;

namespace Countersign.Ai;

/// <summary>Puts a question into the words of Anthropic's interface.</summary>
internal static class AnthropicMessages
{
    private const string Tool = "answer";

    public static MessageCreateParams From(ModelRequest request)
    {
        var asTool = request.Schema is { } schema && SchemaInstruction.IsOfObjects(schema);
        var parameters = new MessageCreateParams
        {
            Model = request.Model,
            MaxTokens = request.MaxTokens ?? AnthropicProvider.DefaultMaxTokens,
            Messages = [.. request.Messages.Select(Message)],
        };
        var system = request.Schema is { } told && !asTool ? SchemaInstruction.After(request.System, told) : request.System;
        if (system is not null)
        {
            parameters = parameters with { System = system };
        }

        if (asTool)
        {
            parameters = parameters with
            {
                Tools =
                [
                    new ToolUnion(new Tool
                    {
                        Name = Tool,
                        Description = "Takes the answer.",
                        InputSchema = InputSchema.FromRawUnchecked(request.Schema!.Value.EnumerateObject().ToDictionary(keyword => keyword.Name, keyword => keyword.Value, StringComparer.Ordinal)),
                    }),
                ],
                ToolChoice = new ToolChoiceTool(Tool) { DisableParallelToolUse = true },
            };
        }

        return request.Temperature is { } temperature ? WithTemperature(parameters, temperature) : parameters;
    }

    private static MessageParam Message(ModelMessage message) => message.Role == ModelRole.User
        ? new UserMessageParam(message.Text)
        : new AssistantMessageParam(message.Text);

    // The library has no name for it any more, but the interface takes it, from 0 to 1.
    private static MessageCreateParams WithTemperature(MessageCreateParams parameters, double temperature)
    {
        var body = new Dictionary<string, JsonElement>(parameters.RawBodyData, StringComparer.Ordinal)
        {
            ["temperature"] = JsonElement.Parse(Math.Min(temperature, 1).ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        };
        return MessageCreateParams.FromRawUnchecked(parameters.RawHeaderData, parameters.RawQueryData, body);
    }
}
