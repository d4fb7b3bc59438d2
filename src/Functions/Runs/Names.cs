using System.Security.Cryptography;
using System.Text;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Functions.Runs;

/// <summary>Names of functions, as the portal shows them, of instances and of events.</summary>
internal static class Names
{
    public const string RunWorkflow = "RunWorkflow";
    public const string ClaimRun = "ClaimRun";
    public const string GenerateText = "GenerateText";
    public const string CallApi = "CallApi";
    public const string RunStep = "RunStep";
    public const string OpenWait = "OpenWait";
    public const string CheckWait = "CheckWait";
    public const string StartChild = "StartChild";
    public const string ReadChild = "ReadChild";
    public const string Withdraw = "Withdraw";
    public const string EndRun = "EndRun";
    public const string ReadFlags = "ReadFlags";
    public const string ParkRun = "ParkRun";

    /// <summary>The event that says that something was asked of the run.</summary>
    public const string Asked = "$asked";

    private const int MaxInstance = 100;

    /// <summary>The activity that executes a kind of step: one for each kind of outside effect, so that they show, scale and are metered by name.</summary>
    public static string ActivityOf(string kind) => kind switch
    {
        "ai_generate" => GenerateText,
        "api_call" => CallApi,
        _ => RunStep,
    };

    /// <summary>
    /// The id of a run's instance: tenant and run. A tenant whose name an id may not carry, or that is too long for it, goes in as its
    /// hash; nothing reads an id back.
    /// </summary>
    public static string Instance(RunIdentity run)
    {
        var id = run.ToString();
        return RowKeys.IsSafe(run.Tenant) && RowKeys.IsSafe(run.Id) && id.Length <= MaxInstance && id[0] is not ('@' or '$')
            ? id
            : $"~{Hash(run.Tenant)[..32]}:{run.Id}";
    }

    /// <summary>The event that says that a wait, or a child, may have news. Names of events do not tell upper case from lower; keys do.</summary>
    public static string Event(string? key) =>
        key is null ? Asked : key.AsSpan().ContainsAnyInRange('A', 'Z') ? $"{key}~{Hash(key)[..16]}" : key;

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
