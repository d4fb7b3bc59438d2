using Countersign.Checkpoints;

namespace Countersign.Conformance.Checkpoints;

/// <summary>What <see cref="ICheckpointStore"/> promises, one test for each sentence. A place joins by deriving from this class.</summary>
public abstract class CheckpointStoreConformance : IAsyncLifetime
{
    /// <summary>The place under test.</summary>
    protected ICheckpointStore Store { get; private set; } = null!;

    /// <summary>A tenant that no other test uses.</summary>
    protected string Acme { get; } = "acme/../" + Guid.NewGuid().ToString("N");

    /// <summary>Opens this test's own place, empty the first time; called again, it opens the same place again.</summary>
    protected abstract Task<ICheckpointStore> OpenAsync();

    /// <summary>Removes the place.</summary>
    protected virtual Task CleanAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task InitializeAsync() => Store = await OpenAsync();

    /// <inheritdoc/>
    public Task DisposeAsync() => CleanAsync();

    [Fact]
    public async Task Read_EmptyPlace_IsNothing()
    {
        Assert.Null(await Store.ReadNewestAsync(Acme));
        Assert.Null(await Store.ReadStateAsync(Acme, 1));
        Assert.Empty(await AllAsync());
    }

    [Fact]
    public async Task Create_First_IsThereAfterOpeningAgain()
    {
        Assert.Null(await CreateAsync(300, "note", "state"));
        Store = await OpenAsync();
        var newest = await Store.ReadNewestAsync(Acme);
        Assert.Equal((300L, "note"), (newest!.Size, Text(newest.Note)));
        Assert.Equal("state", Text((await Store.ReadStateAsync(Acme, 300))!.Value));
    }

    [Fact]
    public async Task Create_SecondOfOneSize_ChangesNothingAndGivesTheFirst()
    {
        await CreateAsync(300, "first", "state");
        var there = await CreateAsync(300, "second", "other state");
        Assert.Equal((300L, "first"), (there!.Size, Text(there.Note)));
        Assert.Equal("first", Text((await Store.ReadNewestAsync(Acme))!.Note));
        Assert.Equal("state", Text((await Store.ReadStateAsync(Acme, 300))!.Value));
    }

    [Fact]
    public async Task Create_ManyAtOnce_OneSucceeds()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () => await CreateAsync(7, $"note {i}", "state"))));
        Assert.Single(answers, answer => answer is null);
        var kept = Text((await Store.ReadNewestAsync(Acme))!.Note);
        Assert.All(answers.Where(answer => answer is not null), answer => Assert.Equal(kept, Text(answer!.Note)));
    }

    [Fact]
    public async Task ReadNewest_OfMany_IsTheGreatest()
    {
        foreach (var size in (long[])[5, 1_000_000, 99, 100, 0])
        {
            await CreateAsync(size, $"note {size}", "state");
        }

        Assert.Equal(1_000_000, (await Store.ReadNewestAsync(Acme))!.Size);
        Assert.Equal([(0, "note 0"), (5, "note 5"), (99, "note 99"), (100, "note 100"), (1_000_000, "note 1000000")], await AllAsync());
    }

    [Fact]
    public async Task Read_AnotherTenant_IsNothing()
    {
        await CreateAsync(1, "note", "state");
        Assert.Null(await Store.ReadNewestAsync(Acme + "x"));
        Assert.Null(await Store.ReadStateAsync(Acme[..^1], 1));
    }

    /// <summary>Keeps a checkpoint.</summary>
    protected ValueTask<StoredCheckpoint?> CreateAsync(long size, string note, string state) =>
        Store.CreateAsync(Acme, new StoredCheckpoint(size, System.Text.Encoding.UTF8.GetBytes(note)), System.Text.Encoding.UTF8.GetBytes(state));

    /// <summary>All checkpoints, in the order in which they come.</summary>
    protected async Task<List<(long Size, string Note)>> AllAsync()
    {
        var all = new List<(long, string)>();
        await foreach (var stored in Store.ReadAllAsync(Acme))
        {
            all.Add((stored.Size, Text(stored.Note)));
        }

        return all;
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);
}
