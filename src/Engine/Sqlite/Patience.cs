using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Countersign.Engine.Sqlite;

/// <summary>
/// How SQLite waits for another connection. The bundled library was built without usleep: wherever it means to wait for a few microseconds, as a
/// read does that meets a commit, it sleeps for a whole second. So its file system is registered once more, with a sleep that keeps to the time.
/// See https://sqlite.org/c3ref/vfs.html.
/// </summary>
internal static unsafe class Patience
{
    /// <summary>How long a lock is waited for in all, in milliseconds.</summary>
    public const int Longest = 5_000;

    private const int LongestDelay = 20;

    /// <summary>The name of the file system to open journals with.</summary>
    public static readonly byte* Vfs = Register();

    /// <summary>Waits for a lock: 0, 1, 2 … 20 ms at a time, five seconds in all.</summary>
    /// <returns>0 to give up.</returns>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static int Busy(void* argument, int times)
    {
        if (Waited(times) >= Longest)
        {
            return 0;
        }

        Pause(Math.Min(times, LongestDelay));
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sleep(void* vfs, int microseconds)
    {
        var start = Stopwatch.GetTimestamp();
        if (microseconds >= 1000)
        {
            Pause(microseconds / 1000);
        }

        while (Stopwatch.GetElapsedTime(start).TotalMicroseconds < microseconds)
        {
            Thread.Yield();
        }

        return microseconds;
    }

#pragma warning disable RS0030 // SQLite asks for the time itself, on a thread that is inside of it: there is no event to wait for.
    private static void Pause(int milliseconds) => Thread.Sleep(milliseconds);
#pragma warning restore RS0030

    /// <summary>What so many calls have slept, in milliseconds: 0 in the first, 1 in the second, never more than 20 in one.</summary>
    public static int Waited(int times) => times <= LongestDelay
        ? times * (times - 1) / 2
        : (LongestDelay * (LongestDelay - 1) / 2) + ((times - LongestDelay) * LongestDelay);

    private static byte* Register()
    {
        var vfs = (FileSystem*)NativeMemory.Alloc((nuint)sizeof(FileSystem));
        *vfs = *(FileSystem*)Native.FindVfs(null);
        vfs->Next = null;
        vfs->Name = (byte*)Marshal.StringToCoTaskMemUTF8("countersign");
        vfs->Sleep = &Sleep;
        if (Native.RegisterVfs(vfs, 0) is not Native.Ok and var result)
        {
            throw new SqliteException(result, "The journal's file system could not be registered.");
        }

        return vfs->Name;
    }

    // struct sqlite3_vfs, version 3.
    [StructLayout(LayoutKind.Sequential)]
    private struct FileSystem
    {
        public int Version;
        public int FileSize;
        public int LongestPath;
        public void* Next;
        public byte* Name;
        public void* Data;
        public void* Open;
        public void* Delete;
        public void* Access;
        public void* FullPath;
        public void* LoadLibrary;
        public void* LibraryError;
        public void* LibrarySymbol;
        public void* CloseLibrary;
        public void* Randomness;
        public delegate* unmanaged[Cdecl]<void*, int, int> Sleep;
        public void* Time;
        public void* LastError;
        public void* Time64;
        public void* SetCall;
        public void* GetCall;
        public void* NextCall;
    }
}
