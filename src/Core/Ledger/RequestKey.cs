using System.Text;

namespace Countersign.Ledger;

/// <summary>
/// What makes a repeated request the same request: the principal's <c>Idempotency-Key</c> on one path. A change writes <see cref="Row"/> in its own
/// commit, so that the change happens once even where its answer was lost.
/// </summary>
/// <param name="Id">SHA-256 of principal, method, path and key, in hexadecimal digits.</param>
/// <param name="Body">SHA-256 of the request.</param>
public sealed record RequestKey(string Id, string Body)
{
    /// <summary>The key of a principal on a path.</summary>
    /// <param name="principal">Who sends the request; keys of different principals never meet.</param>
    /// <param name="path">Method and path of the request.</param>
    /// <param name="key">The client's key.</param>
    /// <param name="body">SHA-256 of the request.</param>
    public static RequestKey Of(string principal, string path, string key, string body) =>
        new(Hash256.Of(Encoding.UTF8.GetBytes($"{principal}\n{path}\n{key}")).ToString(), body);

    /// <summary>The row that says that the change was committed.</summary>
    public RowWrite Row => RowWrite.Insert(RowKey, Encoding.ASCII.GetBytes(Body));

    /// <summary>Whether the change was committed before.</summary>
    /// <exception cref="IdempotencyKeyReusedException">It was, for another request.</exception>
    public async ValueTask<bool> IsDoneAsync(ILedger ledger, string tenant, CancellationToken cancellationToken)
    {
        if (await ledger.ReadRowAsync(tenant, RowKey, cancellationToken) is not { } row)
        {
            return false;
        }

        return Encoding.ASCII.GetString(row.Value.Span) == Body ? true : throw new IdempotencyKeyReusedException();
    }

    private string RowKey => "done|" + Id;
}
