using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Nixery.Tests.Sources;

/// <summary>A local HTTP server that answers each path with the very bytes that the test says; an absent answer never comes.</summary>
internal sealed class ChannelHost : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _serving;

    public ChannelHost()
    {
        _listener.Start();
        Address = new($"http://{_listener.LocalEndpoint}/");
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>The whole answer to "GET /path"; null for none.</summary>
    public Func<string, string?> Answer { get; set; } = _ => Says("404 Not Found", "no");

    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Released when a request has come that gets no answer.</summary>
    public SemaphoreSlim Silent { get; } = new(0);

    public static string Says(string status, string content, string headers = "") =>
        $"HTTP/1.1 {status}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n{headers}\r\n{content}";

    public static string Redirects(Uri to) => Says("302 Found", "", $"Location: {to}\r\n");

    /// <summary>Idempotent: a test may take the host down.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_serving.IsCompleted)
        {
            return;
        }

        await _closing.CancelAsync();
        _listener.Stop();
        await Task.WhenAll([_serving, .. _connections]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
        Silent.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            var connection = await _listener.AcceptTcpClientAsync(_closing.Token);
            _connections.Add(AnswerAsync(connection));
        }
    }

    private async Task AnswerAsync(TcpClient connection)
    {
        using (connection)
        {
            var stream = connection.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var request = await reader.ReadLineAsync(_closing.Token) ?? "";
            while (await reader.ReadLineAsync(_closing.Token) is { Length: > 0 })
            {
                // The headers do not matter.
            }

            var asked = request[..Math.Max(0, request.LastIndexOf(' '))];
            Asked.Enqueue(asked);
            if (Answer(asked) is not { } answer)
            {
                Silent.Release();
                await Task.Delay(Timeout.Infinite, _closing.Token);
                return;
            }

            // A HEAD has the headers alone.
            var bytes = asked.StartsWith("HEAD", StringComparison.Ordinal) ? answer[..(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)] : answer;
            await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), _closing.Token);
        }
    }
}
