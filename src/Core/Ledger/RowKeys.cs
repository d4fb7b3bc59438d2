using System.Globalization;
using System.Text;

namespace Countersign.Ledger;

/// <summary>
/// The grammar of row keys. Parts are joined by <c>|</c> and never carry free text: ids are hexadecimal or slugs, free
/// text goes in as its hash. Keys sort ordinally in every store.
/// </summary>
public static class RowKeys
{
    /// <summary>What every due row starts with.</summary>
    public const string DuePrefix = "due|";

    /// <summary>What every run row starts with; within it the newest run comes first.</summary>
    public const string RunPrefix = "run|";

    /// <summary>What every wait row starts with.</summary>
    public const string WaitPrefix = "wait|";

    /// <summary>
    /// A run's row. The id starts with its time, so the complement of its hexadecimal digits sorts the newest run first
    /// in stores that can only scan forwards.
    /// </summary>
    public static string Run(string run) => string.Create(4 + run.Length, run, static (span, id) =>
    {
        RunPrefix.CopyTo(span);
        for (var i = 0; i < id.Length; i++)
        {
            span[4 + i] = Complement(id[i]);
        }
    });

    /// <summary>A wait of a run, by the run's id and the wait's key.</summary>
    public static string Wait(string run, string wait) => $"{WaitPrefix}{run}|{wait}";

    /// <summary>What every open row starts with.</summary>
    public const string OpenPrefix = "open|";

    /// <summary>Marks a run that is at work, so that it is taken up again after a crash; gone while it only waits, and once it has ended.</summary>
    public static string Open(string run) => OpenPrefix + run;

    /// <summary>What every inbox row starts with; within it the newest run comes first.</summary>
    public const string InboxPrefix = "inbox|";

    /// <summary>An open wait of people, for their inbox; gone once the wait is closed.</summary>
    public static string Inbox(string run, string wait) => $"{InboxPrefix}{Run(run).AsSpan(RunPrefix.Length)}|{wait}";

    /// <summary>The run and the wait of an inbox row.</summary>
    public static (string Run, string Wait) FromInbox(string key)
    {
        var bar = key.IndexOf('|', InboxPrefix.Length);
        var run = string.Create(bar - InboxPrefix.Length, key, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = Complement(source[InboxPrefix.Length + i]);
            }
        });
        return (run, key[(bar + 1)..]);
    }

    /// <summary>A lock that is held or waited for, by its name, which is free text and goes in as its hash.</summary>
    public static string Lock(string name) => $"lock|{Hash256.Of(Encoding.UTF8.GetBytes(name))}";

    /// <summary>What the places in line for a lock start with.</summary>
    public static string LockLine(string name) => $"line|{Hash256.Of(Encoding.UTF8.GetBytes(name))}|";

    /// <summary>A place in line for a lock; the lowest number comes first.</summary>
    public static string LockPlace(string name, long number) => string.Create(CultureInfo.InvariantCulture, $"{LockLine(name)}{number:D19}");

    /// <summary>A child of a run.</summary>
    public static string Child(string parent, string child) => $"child|{parent}|{child}";

    /// <summary>What the rows of a run's children start with.</summary>
    public static string Children(string parent) => $"child|{parent}|";

    /// <summary>How many runs the tree of a run has.</summary>
    public static string Tree(string root) => $"tree|{root}";

    /// <summary>The record of an idempotency key of a client's, which is free text and goes in as its hash.</summary>
    public static string Idempotency(string scope, string key) => $"idem|{scope}|{Hash256.Of(Encoding.UTF8.GetBytes(key))}";

    /// <summary>A due row: when, for which run, for what.</summary>
    public static string Due(DateTimeOffset time, string run, string what) =>
        string.Create(CultureInfo.InvariantCulture, $"{DuePrefix}{time.UtcTicks:D19}|{run}|{what}");

    /// <summary>The first key after all due rows of the given time.</summary>
    public static string DueEnd(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{DuePrefix}{time.UtcTicks + 1:D19}");

    /// <summary>When a due row is due, read back from its key.</summary>
    public static DateTimeOffset DueTime(string key) =>
        new(long.Parse(key.AsSpan(DuePrefix.Length, 19), CultureInfo.InvariantCulture), TimeSpan.Zero);

    /// <summary>Whether an id from outside may be part of a key: nothing but letters, digits and <c>_ - . : $</c>, at most 400 characters.</summary>
    public static bool IsSafe(string id) =>
        id.Length is > 0 and <= 400 && !id.AsSpan().ContainsAnyExcept(Safe);

    private static readonly System.Buffers.SearchValues<char> Safe =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:$");

    private static char Complement(char digit) => digit switch
    {
        >= '0' and <= '5' => (char)('f' - (digit - '0')),
        >= '6' and <= '9' => (char)('9' - (digit - '6')),
        >= 'a' and <= 'f' => (char)('5' - (digit - 'a')),
        _ => digit,
    };
}
