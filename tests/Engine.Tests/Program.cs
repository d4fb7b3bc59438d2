using Countersign.Engine.Tests.Sqlite;

namespace Countersign.Engine.Tests;

/// <summary>What runs when a crash test starts its own assembly as a child process.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [CrashChild.Name, var folder])
        {
            await CrashChild.WriteForEverAsync(folder);
        }

        return 0;
    }
}
