using System.Globalization;

namespace Countersign.Engine.Sqlite;

/// <summary>The journal's tables, as a list of steps from nothing to the newest version. A step is never changed once it was released.</summary>
internal static class Schema
{
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE tenant(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE entry(
            id INTEGER PRIMARY KEY,
            tenant INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            run BLOB NOT NULL,
            event BLOB NOT NULL,
            time INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            salt BLOB,
            payload BLOB);
        CREATE UNIQUE INDEX entry_place ON entry(tenant, seq);
        CREATE UNIQUE INDEX entry_event ON entry(run, event);
        CREATE TABLE call(
            id INTEGER PRIMARY KEY,
            tenant INTEGER NOT NULL,
            run BLOB NOT NULL,
            hash INTEGER NOT NULL,
            key TEXT NOT NULL,
            number INTEGER NOT NULL,
            nonce TEXT NOT NULL,
            answer BLOB);
        CREATE INDEX call_key ON call(run, hash);
        CREATE TABLE row(
            tenant INTEGER NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            value BLOB NOT NULL,
            PRIMARY KEY(tenant, key)) WITHOUT ROWID;
        CREATE INDEX row_due ON row(key) WHERE key >= 'due|' AND key < 'due}';
        """,

        // From here on, values of rows and answers of calls may be encrypted, which older programs cannot read.
        "UPDATE meta SET value = value WHERE name = 'openings'",
    ];

    /// <summary>The newest version this program knows.</summary>
    public static int Newest => Migrations.Length;

    /// <summary>Brings a file to the newest version and notes one more opening of it.</summary>
    /// <returns>The number of this opening, from 1.</returns>
    /// <exception cref="JournalKeyException">The file was encrypted with another key.</exception>
    /// <exception cref="NewerJournalException">A newer program wrote the file. It was not touched.</exception>
    public static long Prepare(Connection connection, string path, long? key)
    {
        var found = Version(connection);
        if (found > Newest)
        {
            throw new NewerJournalException(path, found, Newest);
        }

        connection.Execute("PRAGMA journal_mode=WAL; BEGIN IMMEDIATE");
        connection.Execute(
            "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
            + "INSERT OR IGNORE INTO meta(name, value) VALUES('openings', 0);"
            + "UPDATE meta SET value = value + 1 WHERE name = 'openings'");
        for (var version = found; version < Newest; version++)
        {
            connection.Execute(Migrations[version]);
        }

        connection.Execute(string.Create(
            CultureInfo.InvariantCulture, $"INSERT OR REPLACE INTO meta(name, value) VALUES('version', {Newest})"));
        if (key is { } fingerprint)
        {
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT OR IGNORE INTO meta(name, value) VALUES('key', {fingerprint})"));
            if (connection.Number("SELECT value FROM meta WHERE name = 'key'") != fingerprint)
            {
                connection.Execute("ROLLBACK");
                throw new JournalKeyException($"the journal '{path}' was encrypted with another key");
            }
        }

        var opening = connection.Number("SELECT value FROM meta WHERE name = 'openings'");
        connection.Execute("COMMIT");
        return opening;
    }

    /// <summary>The version of a file's tables; 0 where there are none.</summary>
    public static int Version(Connection connection) =>
        connection.Number("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'") == 0
            ? 0
            : (int)connection.Number("SELECT value FROM meta WHERE name = 'version'");
}
