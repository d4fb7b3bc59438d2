using System.Net;
using System.Net.Sockets;

namespace Countersign.Egress;

/// <summary>Opens a connection to an address; replaced in tests, which have no public servers.</summary>
internal delegate ValueTask<Stream> DialAddress(IPAddress address, int port, CancellationToken cancellationToken);

/// <summary>
/// Opens connections: resolves once, refuses the host if any of its addresses is not allowed, and connects to an address that was
/// checked, so that a name that changes its mind between check and use gains nothing.
/// </summary>
internal sealed class EgressConnector(IEnumerable<string> allowed, ResolveHost? resolve, DialAddress? dial)
{
    private readonly AllowedTarget[] targets = [.. allowed.Select(AllowedTarget.Parse)];
    private readonly ResolveHost resolve = resolve ?? ResolveBySystemAsync;
    private readonly DialAddress dial = dial ?? DialAsync;

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        if (addresses.Count == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        foreach (var address in addresses)
        {
            if (!PublicAddress.Is(address) && !Array.Exists(targets, target => target.Allows(host, address, port)))
            {
                throw new EgressRefusedException(EgressCodes.BlockedAddress, $"'{host}' has an address that is not public and not on the allow-list of this host.");
            }
        }

        return await DialAnyAsync(addresses, port, cancellationToken);
    }

    private async ValueTask<Stream> DialAnyAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await dial(addresses[i], port, cancellationToken);
            }
            catch (SocketException) when (i + 1 < addresses.Count)
            {
                // The next address of the same answer, which has been checked as well.
            }
        }
    }

    private static async ValueTask<IReadOnlyList<IPAddress>> ResolveBySystemAsync(string host, CancellationToken cancellationToken) =>
        await Dns.GetHostAddressesAsync(host, cancellationToken);

    private static async ValueTask<Stream> DialAsync(IPAddress address, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
