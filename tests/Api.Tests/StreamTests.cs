using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Countersign.Api.Tests;

public sealed class StreamTests
{
    private const string Delta = "ai.delta";

    [Fact]
    public async Task Run_ModelStreams_PartsComeWhileItSpeaksAndAreNoLogEntries()
    {
        var gate = new SemaphoreSlim(0);
        await using var model = await ModelServer.StartAsync(async (context, _) =>
        {
            foreach (var part in new[] { "Bon", "jour", null })
            {
                await gate.WaitAsync();
                await ModelServer.StreamAsync(context, part);
            }
        });
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("prompt: Say hello.\nstream: true");
        var run = await host.StartAsync();
        using var events = await EventReader.OpenAsync(host.Client, $"/v1/executions/{run}/events", null);
        var seen = new List<Received>();
        async Task<Received> UntilAsync(string type)
        {
            do
            {
                seen.Add((await events.NextAsync())!);
            }
            while (seen[^1].Type != type);
            return seen[^1];
        }

        await UntilAsync("step.started");
        gate.Release();
        var first = await UntilAsync(Delta);
        gate.Release();
        var second = await UntilAsync(Delta);
        gate.Release();
        await UntilAsync("run.completed");

        Assert.Equal([("Bon", 0), ("jour", 3)], new[] { first, second }.Select(part => (part.Data.GetProperty("data").Text("text"), part.Data.GetProperty("data").GetProperty("offset").GetInt32())));
        Assert.All(new[] { first, second }, part =>
        {
            Assert.Equal(0, part.Id);
            Assert.False(part.Data.TryGetProperty("sequence", out _));
            Assert.Equal(("1.0", Delta, "ask", "/v1/executions/" + run), (part.Data.Text("specversion"), part.Data.Text("type"), part.Data.Text("subject"), part.Data.Text("source")));
            Assert.Equal((1, 1, 1), (part.Data.GetProperty("data").GetProperty("visit").GetInt32(), part.Data.GetProperty("data").GetProperty("attempt").GetInt32(), part.Data.GetProperty("data").GetProperty("ask").GetInt32()));
        });
        var log = (await host.Client.GetJsonAsync($"/v1/audit/events?run={run}&limit=200")).Items();
        Assert.Equal(log.Select(entry => entry.Text("type")), seen.Where(happened => happened.Type != Delta).Select(happened => happened.Type));
        Assert.Equal(log.Select(entry => entry.GetProperty("sequence").GetInt64()), seen.Where(happened => happened.Type != Delta).Select(happened => happened.Id));
        Assert.DoesNotContain("jour", JsonSerializer.Serialize(log), StringComparison.Ordinal);
        Assert.Equal("Bonjour", (await host.Client.GetJsonAsync("/v1/executions/" + run)).Text("output"));

        // A reader that comes back with its cursor gets the entries after it, and no part a second time.
        var started = seen.First(happened => happened.Type == "step.started").Id;
        var again = await EventReader.ReadAllAsync(host.Client, $"/v1/executions/{run}/events", started);
        Assert.Equal(seen.Where(happened => happened.Type != Delta && happened.Id > started).Select(happened => happened.Id), again.Select(happened => happened.Id));
    }

    [Fact]
    public async Task Run_ReaderComesInTheMiddle_HearsTheRestAndSeesWhatItMissed()
    {
        var gate = new SemaphoreSlim(0);
        await using var model = await ModelServer.StartAsync(async (context, _) =>
        {
            foreach (var part in new[] { "Bon", "jour", null })
            {
                await gate.WaitAsync();
                await ModelServer.StreamAsync(context, part);
            }
        });
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("prompt: Say hello.\nstream: true");
        var run = await host.StartAsync();
        long begun;
        using (var first = await EventReader.OpenAsync(host.Client, $"/v1/executions/{run}/events", null))
        {
            Received next;
            do
            {
                next = (await first.NextAsync())!;
            }
            while (next.Type != "step.started");
            begun = next.Id;
            gate.Release();
            Assert.Equal(Delta, (await first.NextAsync())!.Type);
        }

        using var late = await EventReader.OpenAsync(host.Client, $"/v1/executions/{run}/events", begun);
        gate.Release();
        var part = (await late.NextAsync())!;
        gate.Release();

        Assert.Equal((Delta, "jour", 3), (part.Type, part.Data.GetProperty("data").Text("text"), part.Data.GetProperty("data").GetProperty("offset").GetInt32()));
        Assert.Equal("ai.response", (await late.NextAsync())!.Type);
    }

    [Fact]
    public async Task Run_NotStreaming_AsksForNoStreamAndSendsNoParts()
    {
        await using var model = await ModelServer.StartAsync((context, _) => ModelServer.SayAsync(context, "hello"));
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("prompt: Say hello.");

        var events = await EventReader.ReadAllAsync(host.Client, $"/v1/executions/{await host.StartAsync()}/events", null);

        Assert.DoesNotContain(events, happened => happened.Type == Delta);
        Assert.False(Assert.Single(model.Asked).Body.TryGetProperty("stream", out var stream) && stream.GetBoolean());
    }

    [Fact]
    public async Task Run_StreamCutTwice_EachAttemptIsPricedAndTheThirdCounts()
    {
        var asked = 0;
        await using var model = await ModelServer.StartAsync(async (context, _) =>
        {
            var cut = ++asked < 3;
            await ModelServer.StreamAsync(context, cut ? "eight ch" : "whole");
            if (!cut)
            {
                await ModelServer.StreamAsync(context, null);
            }
        });
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("prompt: Twelve chars\nstream: true\nretry: { attempts: 3, initial: 1ms, max: 1ms }");
        var run = await host.StartAsync();

        var events = await EventReader.ReadAllAsync(host.Client, $"/v1/executions/{run}/events", null);

        Assert.True(events[^1].Type == "run.completed", string.Join("\n", events.Select(happened => happened.Data)));
        var failed = events.Where(happened => happened.Type == "ai.failed").Select(happened => happened.Data.GetProperty("data")).ToArray();
        Assert.Equal(2, failed.Length);
        Assert.All(failed, facts => Assert.Equal(
            ("ai.unreachable", 3, 2, "0.000023", true),
            (facts.Text("code"), facts.GetProperty("prompt_tokens").GetInt32(), facts.GetProperty("output_tokens").GetInt32(), facts.Text("cost_usd"), facts.GetProperty("estimated").GetBoolean())));
        var total = (await host.Client.GetJsonAsync($"/v1/usage?run={run}")).GetProperty("total");
        Assert.Equal((3, 2, "0.000106"), (total.GetProperty("calls").GetInt32(), total.GetProperty("failed").GetInt32(), total.Text("costUsd")));
    }

    [Fact]
    public async Task Run_TimeIsUp_WhatMayBeBilledIsPriced()
    {
        await using var model = await ModelServer.StartAsync(async (context, _) =>
        {
            await ModelServer.StreamAsync(context, "eight ch");
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("prompt: Twelve chars\nstream: true\ntimeout: 1s\nretry: { attempts: 1 }");

        var events = await EventReader.ReadAllAsync(host.Client, $"/v1/executions/{await host.StartAsync()}/events", null);

        Assert.Equal("run.failed", events[^1].Type);
        var failed = Assert.Single(events, happened => happened.Type == "ai.failed").Data.GetProperty("data");
        Assert.Equal(("ai.cut-off", 3, 2, "0.000023"), (failed.Text("code"), failed.GetProperty("prompt_tokens").GetInt32(), failed.GetProperty("output_tokens").GetInt32(), failed.Text("cost_usd")));
        Assert.Contains("step.timeout", Assert.Single(events, happened => happened.Type == "step.failed").Data.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Repaired_SecondAnswerIsAQuestionOfItsOwn()
    {
        var asked = 0;
        await using var model = await ModelServer.StartAsync(async (context, _) =>
        {
            await ModelServer.StreamAsync(context, ++asked == 1 ? "{\"n\":\"x\"}" : "{\"n\":1}");
            await ModelServer.StreamAsync(context, null);
        });
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("prompt: Count.\nstream: true\nschema: { type: object, required: [n], properties: { n: { type: integer } } }");
        var run = await host.StartAsync();
        var events = await EventReader.ReadAllAsync(host.Client, $"/v1/executions/{run}/events", null);

        // Parts may have passed before the reader came; those that it heard stand between start and outcome, in order.
        var parts = events.Where(happened => happened.Type == Delta).Select(happened => happened.Data.GetProperty("data").GetProperty("ask").GetInt32()).ToArray();
        Assert.Equal(parts.Order(), parts);
        Assert.Equal(["ai.response", "ai.repair", "ai.response"], events.Where(happened => happened.Type is "ai.response" or "ai.repair").Select(happened => happened.Type));
        Assert.All(events.Index().Where(at => at.Item.Type == Delta), at =>
        {
            Assert.True(at.Index > events.Index().First(other => other.Item.Type == "step.started").Index);
            Assert.True(at.Index < events.Index().First(other => other.Item.Type == "ai.response").Index);
        });
    }

    [Fact]
    public async Task Run_OverAWebSocket_PartsComeAsMessages()
    {
        var gate = new SemaphoreSlim(0);
        await using var model = await ModelServer.StartAsync(async (context, _) =>
        {
            await gate.WaitAsync();
            await ModelServer.StreamAsync(context, "Bonjour");
            await gate.WaitAsync();
            await ModelServer.StreamAsync(context, null);
        });
        await using var host = await ModelHost.StartAsync(model.Providers);
        await host.SaveAsync("prompt: Say hello.\nstream: true");
        var run = await host.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", host.Client.DefaultRequestHeaders.Authorization!.ToString());
        await socket.ConnectAsync(new Uri($"{host.Client.BaseAddress!.ToString().Replace("http", "ws", StringComparison.Ordinal)}v1/executions/{run}/events"), CancellationToken.None);
        var types = new List<string>();
        var buffer = new byte[64 * 1024];
        while (!types.Contains("run.completed"))
        {
            var message = await socket.ReceiveAsync(buffer, CancellationToken.None);
            types.Add(JsonElement.Parse(Encoding.UTF8.GetString(buffer, 0, message.Count)).Text("type"));
            if (types[^1] is "step.started" or Delta)
            {
                gate.Release();
            }
        }

        Assert.Equal(1, types.Count(type => type == Delta));
        Assert.True(types.IndexOf(Delta) > types.IndexOf("step.started") && types.IndexOf(Delta) < types.IndexOf("ai.response"));
    }
}
