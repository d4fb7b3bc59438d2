using System.Text;

namespace Countersign.Ledger;

/// <summary>What a commit must look like whatever the ledger holds; every store refuses the rest in the same words.</summary>
public static class CommitRules
{
    /// <summary>The most rows that one read gives: 1,000.</summary>
    public const int MaxLimit = 1000;

    private const int MaxTenantBytes = 128;
    private const int MaxEntries = 40;
    private const int MaxValueBytes = 32 * 1024;
    private const int FewEnoughToCompare = 8;

    /// <summary>Refuses a name that no tenant can have.</summary>
    /// <exception cref="ArgumentException">The name is empty, longer than 128 bytes of UTF-8, or no text.</exception>
    public static void CheckTenant(string tenant)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        CheckText(tenant, "tenant");
        if (tenant.Length > MaxTenantBytes / 3 && Encoding.UTF8.GetByteCount(tenant) > MaxTenantBytes)
        {
            throw new ArgumentException($"A tenant's name has at most {MaxTenantBytes} bytes of UTF-8.", nameof(tenant));
        }
    }

    /// <summary>Refuses a limit outside 1 to <see cref="MaxLimit"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is outside.</exception>
    public static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxLimit);
    }

    /// <summary>Refuses a commit that breaks a limit of <see cref="LedgerCommit"/> or <see cref="Row"/>.</summary>
    /// <exception cref="ArgumentException">It does.</exception>
    public static void Check(LedgerCommit commit)
    {
        if (commit.Entries.Length > MaxEntries)
        {
            throw new ArgumentException($"A commit has at most {MaxEntries} entries, not {commit.Entries.Length}.", nameof(commit));
        }

        foreach (var row in commit.Rows)
        {
            CheckText(row.Key, "row key");
            if (row.Value is { Length: > MaxValueBytes })
            {
                throw new ArgumentException($"The value of row '{row.Key}' has more than {MaxValueBytes} bytes.", nameof(commit));
            }
        }

        if (commit.Call is { } call)
        {
            ArgumentException.ThrowIfNullOrEmpty(call.Run);
            CheckText(call.Run, "run");
            CheckText(call.Key, "call key");
            CheckText(call.Nonce, "nonce");
        }

        NoneTwice(commit.Rows.AsSpan(), static row => row.Key, "row key");
        NoneTwice(commit.Entries.AsSpan(), static entry => entry.EventId, "event id");
    }

    /// <summary>Refuses what has no UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What the text is, for the message.</param>
    /// <exception cref="ArgumentException">The text holds half of a surrogate pair, which has no UTF-8.</exception>
    public static void CheckText(string text, string what)
    {
        if (text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) != text)
        {
            throw new ArgumentException($"The {what} holds half of a surrogate pair.", nameof(text));
        }
    }

    private static void NoneTwice<T>(ReadOnlySpan<T> items, Func<T, string> key, string what)
    {
        if (items.Length < 2)
        {
            return;
        }

        var seen = items.Length > FewEnoughToCompare ? new HashSet<string>(items.Length, StringComparer.Ordinal) : null;
        for (var i = 0; i < items.Length; i++)
        {
            var current = key(items[i]);
            if (seen is null ? Before(items[..i], key, current) : !seen.Add(current))
            {
                throw new ArgumentException($"The {what} '{current}' is in the commit twice.", nameof(items));
            }
        }
    }

    private static bool Before<T>(ReadOnlySpan<T> items, Func<T, string> key, string current)
    {
        foreach (var item in items)
        {
            if (string.Equals(key(item), current, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
