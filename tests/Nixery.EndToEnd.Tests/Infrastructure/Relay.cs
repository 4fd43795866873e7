using System.Net;
using System.Net.Sockets;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>Stands between a client and a server and passes on every byte, but of the client's no more than it is told to.</summary>
internal abstract class Relay : IAsyncDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly Uri _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _relaying;

    protected Relay(Uri server)
    {
        _server = server;
        _listener.Start();
        _relaying = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Done when something is held back, and all that is to go before it has gone.</summary>
    public Task Held => _held.Task;

    /// <summary>Hangs up on both.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _relaying;
        _stop.Dispose();
    }

    /// <returns>What is told all that the client sends over a new connection, and says how many of these bytes may pass.</returns>
    protected abstract Func<ReadOnlyMemory<byte>, int> Connect();

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(TcpClient accepted)
    {
        using var client = accepted;
        using var server = new TcpClient();
        var pass = Connect();
        try
        {
            await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
            await using NetworkStream near = new(client.Client), far = new(server.Client);
            await Task.WhenAll(CopyAsync(near, far, pass), CopyAsync(far, near, all => all.Length));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has hung up, or the test goes on without them.
        }
    }

    /// <summary>Until <paramref name="from"/> says that no more comes, which the other end is told.</summary>
    private async Task CopyAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, int> pass)
    {
        var buffer = new byte[ChunkBytes];
        int read;
        while ((read = await from.ReadAsync(buffer, _stop.Token)) > 0)
        {
            var passes = pass(buffer.AsMemory(0, read));
            await to.WriteAsync(buffer.AsMemory(0, passes), _stop.Token);
            if (passes < read)
            {
                _held.TrySetResult();
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }
        }

        to.Socket.Shutdown(SocketShutdown.Send);
    }
}
