namespace Countersign.Host.Commands;

/// <summary>The files that options and arguments name. What cannot be read or written is told with the option's name and not in the words of the runtime.</summary>
internal static class Files
{
    private const int Largest = 64 * 1024 * 1024;

    /// <summary>Reads a file, at most 64 MiB.</summary>
    /// <exception cref="OptionException">It cannot be read.</exception>
    public static async Task<byte[]> ReadAsync(string option, string path, CancellationToken cancellation = default)
    {
        await using var file = Open(option, path);
        try
        {
            using var content = new MemoryStream();
            var part = new byte[64 * 1024];
            int read;
            while ((read = await file.ReadAsync(part, cancellation)) > 0)
            {
                content.Write(part, 0, read);
                if (content.Length > Largest)
                {
                    throw new OptionException(option, path, "is larger than 64 MiB.");
                }
            }

            return content.ToArray();
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            throw Refused(option, path, "read", refused);
        }
    }

    /// <inheritdoc cref="ReadAsync(string, string, CancellationToken)"/>
    public static Task<byte[]> ReadAsync(string option, FileInfo file, CancellationToken cancellation = default) => ReadAsync(option, file.ToString(), cancellation);

    /// <summary>Reads a text in UTF-8, at most 64 MiB.</summary>
    /// <exception cref="OptionException">It cannot be read.</exception>
    public static async Task<string> ReadTextAsync(string option, string path, CancellationToken cancellation = default)
    {
        using var reader = new StreamReader(new MemoryStream(await ReadAsync(option, path, cancellation)));
        return await reader.ReadToEndAsync(cancellation);
    }

    /// <summary>Opens a file to read it.</summary>
    /// <exception cref="OptionException">It cannot be opened.</exception>
    public static FileStream Open(string option, string path)
    {
        if (Directory.Exists(path))
        {
            throw new OptionException(option, path, "is a folder, and a file is expected.");
        }

        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            throw refused is FileNotFoundException or DirectoryNotFoundException
                ? new OptionException(option, path, "does not exist.", refused)
                : Refused(option, path, "read", refused);
        }
    }

    /// <summary>Creates a file, or empties the one that is there.</summary>
    /// <exception cref="OptionException">It cannot be written.</exception>
    public static FileStream Create(string option, string path)
    {
        if (Directory.Exists(path))
        {
            throw new OptionException(option, path, "is a folder, and a file is expected.");
        }

        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            throw refused is DirectoryNotFoundException
                ? new OptionException(option, path, "cannot be written: its folder does not exist.", refused)
                : Refused(option, path, "written", refused);
        }
    }

    /// <summary>A folder that has to be there already, so that a mistyped name creates no new one.</summary>
    /// <exception cref="OptionException">There is none.</exception>
    public static string Folder(string option, string path) => Directory.Exists(path)
        ? path
        : throw new OptionException(option, path, File.Exists(path) ? "is a file, and a folder is expected." : "does not exist.");

    /// <summary>A data folder that has to hold a journal already.</summary>
    /// <exception cref="OptionException">There is none.</exception>
    public static string DataFolder(string path) => File.Exists(Path.Combine(Folder("--data", path), "journal.db"))
        ? path
        : throw new OptionException("--data", path, "is not a data folder: it holds no journal.db.");

    private static bool IsRefusal(Exception refused) =>
        refused is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or System.Security.SecurityException;

    private static OptionException Refused(string option, string path, string what, Exception refused) => new(option, path, refused switch
    {
        UnauthorizedAccessException => $"cannot be {what}: permission denied.",
        ArgumentException or NotSupportedException => "is not the name of a file.",
        _ => $"cannot be {what}: {refused.Message}",
    }, refused);
}
