using Countersign.Functions.Runs;
using Countersign.Ledger;
using Countersign.Orchestration;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;

namespace Countersign.Functions.Tests.Runs;

public sealed class DurableEngineTests
{
    private const string Id = "0195a3c27b1e7c44b6a1d0e5f2a39c01";

    private readonly Mock<DurableTaskClient> client = new(MockBehavior.Strict, "test");
    private readonly Mock<ILedger> ledger = new();
    private readonly RunIdentity run = new("acme", Id);

    [Fact]
    public async Task StartAsync_QueuedRun_SchedulesAnInstanceOfItsOwnId()
    {
        Stored(RunStatus.Queued);
        StartOptions? scheduled = null;
        Scheduling().Callback((TaskName name, object? input, StartOrchestrationOptions? options, CancellationToken _) =>
            scheduled = new StartOptions(name.Name, (RunInput)input!, options!.InstanceId!)).ReturnsAsync("id");
        await Engine().StartAsync(run);

        Assert.Equal(new StartOptions("RunWorkflow", new RunInput("acme", Id, WatchesChildren: true), $"acme:{Id}"), scheduled);
    }

    [Theory]
    [InlineData(RunStatus.Running)]
    [InlineData(RunStatus.Completed)]
    [InlineData(RunStatus.Parked)]
    [InlineData(null)]
    public async Task StartAsync_RunThatIsNotQueued_TakesNobodysPlace(RunStatus? status)
    {
        Stored(status);
        await Engine().StartAsync(run);

        client.VerifyNoOtherCalls();
    }

    [Fact]
    public async Task StartAsync_StartedAlready_IsNoError()
    {
        Stored(RunStatus.Queued);
        Scheduling().ThrowsAsync(new RpcException(new Status(StatusCode.AlreadyExists, "there")));
        client.Setup(c => c.GetInstanceAsync($"acme:{Id}", It.IsAny<CancellationToken>()))
            .ReturnsAsync(new OrchestrationMetadata("RunWorkflow", $"acme:{Id}"));
        await Engine().StartAsync(run);

        client.VerifyAll();
    }

    [Fact]
    public async Task StartAsync_HubOutOfReach_IsAnErrorSoThatTheSweepTriesAgain()
    {
        Stored(RunStatus.Queued);
        Scheduling().ThrowsAsync(new RpcException(new Status(StatusCode.Unavailable, "away")));
        client.Setup(c => c.GetInstanceAsync($"acme:{Id}", It.IsAny<CancellationToken>())).ReturnsAsync((OrchestrationMetadata?)null);

        await Assert.ThrowsAsync<RpcException>(() => Engine().StartAsync(run));
    }

    [Theory]
    [InlineData("approve:1:1", "approve:1:1")]
    [InlineData(null, "$asked")]
    public async Task PokeAsync_AnyRun_RaisesAnEventThatCarriesNothing(string? wait, string name)
    {
        client.Setup(c => c.RaiseEventAsync($"acme:{Id}", name, null, It.IsAny<CancellationToken>())).Returns(Task.CompletedTask);
        await Engine().PokeAsync(run, wait);

        client.VerifyAll();
    }

    [Theory]
    [InlineData(RunStatus.Running, OrchestrationRuntimeStatus.Completed, true)]
    [InlineData(RunStatus.Running, OrchestrationRuntimeStatus.Failed, true)]
    [InlineData(RunStatus.Running, OrchestrationRuntimeStatus.Terminated, true)]
    [InlineData(RunStatus.Running, null, true)]
    [InlineData(RunStatus.Running, OrchestrationRuntimeStatus.Running, false)]
    [InlineData(RunStatus.Running, OrchestrationRuntimeStatus.Suspended, false)]
    [InlineData(RunStatus.Parked, OrchestrationRuntimeStatus.Completed, false)]
    [InlineData(RunStatus.Completed, OrchestrationRuntimeStatus.Completed, false)]
    public async Task PokeAsync_SomethingWasAsked_RevivesARunWhoseInstanceIsGone(RunStatus row, OrchestrationRuntimeStatus? instance, bool revives)
    {
        Stored(row);
        client.Setup(c => c.RaiseEventAsync($"acme:{Id}", "$asked", null, It.IsAny<CancellationToken>())).Returns(Task.CompletedTask);
        client.Setup(c => c.GetInstanceAsync($"acme:{Id}", It.IsAny<CancellationToken>()))
            .ReturnsAsync(instance is { } status ? new OrchestrationMetadata("RunWorkflow", $"acme:{Id}") { RuntimeStatus = status } : null);
        var resumed = new List<RunInput>();
        Scheduling().Callback((TaskName _, object? input, StartOrchestrationOptions? _, CancellationToken _) => resumed.Add((RunInput)input!)).ReturnsAsync("id");
        await Engine().PokeAsync(run, null);

        Assert.Equal(revives ? [new RunInput("acme", Id, Resumes: true, WatchesChildren: true)] : [], resumed);
    }

    [Fact]
    public async Task PokeAsync_NoSuchInstance_IsNoError()
    {
        client.Setup(c => c.RaiseEventAsync(It.IsAny<string>(), It.IsAny<string>(), null, It.IsAny<CancellationToken>()))
            .ThrowsAsync(new RpcException(new Status(StatusCode.NotFound, "none")));
        await Engine().PokeAsync(run, null);

        client.VerifyAll();
    }

    private sealed record StartOptions(string Name, RunInput Input, string Instance);

    private DurableEngine Engine() => new(client.Object, new RunRows(ledger.Object), NullLogger.Instance);

    private Moq.Language.Flow.ISetup<DurableTaskClient, Task<string>> Scheduling() => client.Setup(c => c.ScheduleNewOrchestrationInstanceAsync(
        It.IsAny<TaskName>(), It.IsAny<object?>(), It.IsAny<StartOrchestrationOptions?>(), It.IsAny<CancellationToken>()));

    private void Stored(RunStatus? status)
    {
        var nothing = new RunValue { Hash = new string('0', 64), Length = 2 };
        var row = status is not { } known ? null : new RunRow
        {
            Id = Id,
            Workflow = "w",
            Version = "1.0.0",
            Definition = "d",
            Status = known,
            Requester = "alice",
            Root = Id,
            CorrelationId = Id,
            Created = DateTimeOffset.UnixEpoch,
            Input = nothing,
            Profile = nothing,
        };
        ledger.Setup(l => l.ReadRowAsync("acme", RowKeys.Run(Id), It.IsAny<CancellationToken>()))
            .Returns(new ValueTask<Row?>(row is null ? null : new Row(RowKeys.Run(Id), row.ToBytes(), "1")));
    }
}
