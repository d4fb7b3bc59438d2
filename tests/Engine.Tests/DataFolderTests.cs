using Countersign.Conformance;

namespace Countersign.Engine.Tests;

public sealed class DataFolderTests
{
    [Fact]
    public void Open_NoFolder_CreatesItForItsOwnerOnly()
    {
        using var temp = new TempFolder();
        using var folder = DataFolder.Open(temp["a/b"], TimeProvider.System);

        Assert.Equal(temp["a/b"], folder.Path);
        Assert.Equal(temp["a/b/journal.db"], folder.Journal);
        Assert.True(Directory.Exists(folder.Artifacts));
        Assert.True(Directory.Exists(folder.Keys));
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.Path));
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(folder.Keys));
        }
    }

    [Fact]
    public void Open_AnyFolder_FilesAreTheOwnersOnly()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        using var temp = new TempFolder();
        File.SetUnixFileMode(temp.Path, Mine | UnixFileMode.UserExecute | Group | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        using (var folder = DataFolder.Open(temp.Path, TimeProvider.System))
        {
            Assert.Equal(Mine | UnixFileMode.UserExecute, File.GetUnixFileMode(temp.Path));
            Assert.Equal(Mine, File.GetUnixFileMode(folder.Journal));
        }

        // As an older version left it, and as an operator opens it to the group of a sealer.
        File.SetUnixFileMode(temp["journal.db"], Mine | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using (DataFolder.Open(temp.Path, TimeProvider.System))
        {
            Assert.All(Directory.GetFiles(temp.Path), file => Assert.Equal(Mine, File.GetUnixFileMode(file)));
        }

        File.SetUnixFileMode(temp.Path, Mine | UnixFileMode.UserExecute | Group);
        File.SetUnixFileMode(temp["journal.db"], Mine | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        using (DataFolder.Open(temp.Path, TimeProvider.System))
        {
            Assert.Equal(Mine | UnixFileMode.GroupRead, File.GetUnixFileMode(temp["journal.db"]));
        }
    }

    [Fact]
    public void Open_ASecondTime_IsRefusedWithTheOwner()
    {
        using var temp = new TempFolder();
        var time = new ManualTime();
        using var folder = DataFolder.Open(temp.Path, time);

        var refused = Assert.Throws<DataFolderInUseException>(() => DataFolder.Open(temp.Path, TimeProvider.System));
        Assert.Equal("host.folder-in-use", refused.Code);
        Assert.Equal(temp.Path, refused.Folder);
        Assert.Equal(new DataFolderOwner(Environment.ProcessId, Environment.MachineName, time.Now), refused.Owner);
    }

    [Fact]
    public void Open_OwnerUnreadable_IsRefusedAllTheSame()
    {
        using var temp = new TempFolder();
        using var folder = DataFolder.Open(temp.Path, TimeProvider.System);
        File.WriteAllText(temp["host.owner"], "{");

        var refused = Assert.Throws<DataFolderInUseException>(() => DataFolder.Open(temp.Path, TimeProvider.System));
        Assert.Null(refused.Owner);
    }

    [Fact]
    public void Open_AfterItWasGivenBack_Takes()
    {
        using var temp = new TempFolder();
        DataFolder.Open(temp.Path, TimeProvider.System).Dispose();
        using var again = DataFolder.Open(temp.Path, TimeProvider.System);

        Assert.Throws<DataFolderInUseException>(() => DataFolder.Open(temp.Path, TimeProvider.System));
    }

    [Fact]
    public void Open_AFileOfThatName_IsAnError()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp["file"], "");

        Assert.ThrowsAny<IOException>(() => DataFolder.Open(temp["file"], TimeProvider.System));
    }
}
