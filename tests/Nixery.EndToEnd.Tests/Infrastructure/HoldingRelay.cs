using System.Net;
using System.Net.Sockets;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>Stands between a client and a server and passes on every byte, until the client has sent so many over all connections: then none.</summary>
internal sealed class HoldingRelay : IAsyncDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly Uri _server;
    private readonly long _most;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _relaying;
    private long _sent;

    /// <param name="most">How many bytes of the client's are passed on, to the byte.</param>
    public HoldingRelay(Uri server, long most)
    {
        (_server, _most) = (server, most);
        _listener.Start();
        _relaying = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Bytes of the client's so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Done when all that is passed on has been.</summary>
    public Task Held => _held.Task;

    /// <summary>Hangs up on both.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _relaying;
        _stop.Dispose();
    }

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
        try
        {
            await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
            await Task.WhenAll(CopyAsync(client, server, Pass), CopyAsync(server, client, all => all));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has hung up, or the test goes on without them.
        }
    }

    /// <returns>How many of so many bytes may pass.</returns>
    private int Pass(int bytes)
    {
        var before = Interlocked.Add(ref _sent, bytes) - bytes;
        return (int)Math.Clamp(_most - before, 0, bytes);
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, Func<int, int> pass)
    {
        var buffer = new byte[ChunkBytes];
        int read;
        while ((read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
        {
            var passes = pass(read);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, passes), _stop.Token);
            if (passes < read)
            {
                _held.TrySetResult();
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }
        }

        to.Client.Shutdown(SocketShutdown.Send);
    }
}
