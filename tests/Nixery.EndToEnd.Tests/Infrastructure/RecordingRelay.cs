using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>Stands between a client and a server, passes on every byte, and notes what the client asked.</summary>
internal sealed class RecordingRelay : IAsyncDisposable
{
    private const string Protocol = " HTTP/1.1";
    private const int ChunkBytes = 64 * 1024;

    private readonly Uri _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly List<StringBuilder> _asked = [];
    private readonly Task _relaying;

    private RecordingRelay(Uri server)
    {
        _server = server;
        _listener.Start();
        _relaying = AcceptAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Method and target of each request so far, in order for each connection.</summary>
    public string[] Requests
    {
        get
        {
            lock (_gate)
            {
                // No client that pulls sends a body, so a line that ends so is a request line.
                return [.. _asked.SelectMany(a => a.ToString().Split("\r\n")).Where(l => l.EndsWith(Protocol, StringComparison.Ordinal)).Select(l => l[..^Protocol.Length])];
            }
        }
    }

    public static RecordingRelay Before(Uri server) => new(server);

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
        var asked = new StringBuilder();
        lock (_gate)
        {
            _asked.Add(asked);
        }

        try
        {
            await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
            await Task.WhenAll(
                CopyAsync(client, server, bytes => Note(asked, bytes)),
                CopyAsync(server, client, _ => { }));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has hung up, or the test is over.
        }
    }

    private void Note(StringBuilder asked, ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            asked.Append(Encoding.Latin1.GetString(bytes.Span));
        }
    }

    /// <summary>Until <paramref name="from"/> says that no more comes, which the other end is told.</summary>
    private async Task CopyAsync(TcpClient from, TcpClient to, Action<ReadOnlyMemory<byte>> note)
    {
        var buffer = new byte[ChunkBytes];
        int read;
        while ((read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
        {
            note(buffer.AsMemory(0, read));
            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }

        to.Client.Shutdown(SocketShutdown.Send);
    }
}
