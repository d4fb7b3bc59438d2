using Countersign.Checkpoints;

namespace Countersign.Core.Tests.Checkpoints;

public sealed class CheckpointNameTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(long.MaxValue)]
    public void Note_AnySize_ComesBack(long size) => Assert.Equal(size, CheckpointName.SizeOf(CheckpointName.Note(size)));

    [Fact]
    public void Note_Newer_ComesFirst() => Assert.Equal(
        [300L, 299, 100, 20, 3, 0],
        ((long[])[100, 3, 300, 0, 299, 20]).Select(CheckpointName.Note).Order(StringComparer.Ordinal).Select(name => CheckpointName.SizeOf(name)!.Value));

    [Theory]
    [InlineData("")]
    [InlineData(".checkpoint")]
    [InlineData("300.checkpoint")]
    [InlineData("9223372036854775507-301.checkpoint")]
    [InlineData("9223372036854775507-300.checkpoint.new")]
    [InlineData("9223372036854775507-0300.checkpoint")]
    [InlineData("9223372036854775507-.checkpoint")]
    [InlineData("0000000000000000000-9223372036854775808.checkpoint")]
    public void SizeOf_AnotherName_IsNull(string name)
    {
        Assert.Equal(300, CheckpointName.SizeOf("9223372036854775507-300.checkpoint"));
        Assert.Null(CheckpointName.SizeOf(name));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("/etc")]
    [InlineData("a/../b")]
    public void Folder_AnyTenant_IsAHash(string tenant) => Assert.Matches("^[0-9a-f]{64}$", CheckpointName.Folder(tenant));
}
