namespace Countersign.Tests.Tools;

/// <summary>Marks tests that take minutes: they run where <c>COUNTERSIGN_LONG</c> is 1, and are left out by name elsewhere.</summary>
public sealed class LongFactAttribute : FactAttribute
{
    /// <summary>Whether long tests run.</summary>
    public static bool Runs { get; } = Environment.GetEnvironmentVariable("COUNTERSIGN_LONG") == "1";

    /// <summary>Leaves the test out, unless long tests run.</summary>
    public LongFactAttribute() => Skip = Runs ? null : "It takes minutes: set COUNTERSIGN_LONG=1.";
}
