namespace Countersign.Engine.Sqlite;

/// <summary>What SQLite answered where it should have answered OK.</summary>
/// <param name="code">The extended result code, https://sqlite.org/rescode.html.</param>
/// <param name="message">SQLite's own words.</param>
internal sealed class SqliteException(int code, string message) : Exception($"SQLite error {code}: {message}")
{
    public int Code { get; } = code;
}
