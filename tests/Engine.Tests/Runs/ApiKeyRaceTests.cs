using Countersign.Access;
using Countersign.Engine.Sqlite;
using Countersign.Ledger;
using Countersign.Orchestration;

namespace Countersign.Engine.Tests.Runs;

public sealed class ApiKeyRaceTests
{
    [Fact]
    public async Task CreateAsync_OneIdempotencyKeyTwoRequestsAtOnce_TheLogTellsWhoseKeyItIs()
    {
        using var folder = new TempFolder();
        await using var ledger = SqliteLedger.Open(new SqliteLedgerOptions { Path = folder["journal.db"] });
        var keys = new ApiKeys(ledger, TimeProvider.System, new byte[32]);
        var maker = new Principal("acme", "root", [Role.Admin]);
        for (var round = 0; round < 25; round++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
            {
                try
                {
                    return ((string Secret, ApiKey Key)?)await keys.CreateAsync(maker, $"user-{number % 2}", [number % 2 == 0 ? Role.Viewer : Role.Admin], $"key-{round}");
                }
                catch (IdempotencyKeyReusedException)
                {
                    return null;
                }
            })));

            var made = outcomes.OfType<(string Secret, ApiKey Key)>().ToList();
            Assert.Equal(4, made.Count);
            Assert.Single(made.Select(key => key.Secret).Distinct());
            var stands = await keys.AuthenticateAsync(made[0].Secret);
            Assert.All(made, key => Assert.Equal((stands!.User, stands.Roles[0]), (key.Key.User, key.Key.Roles[0])));
        }

        Assert.Equal(25, (await ledger.ReadHeadAsync("acme")).Sequence);
    }
}
