using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Nixery.Server.Tls;

/// <summary>The addresses that Kestrel listens on: known in full when it has started.</summary>
internal sealed class Endpoints
{
    private readonly ConcurrentBag<ListenOptions> _seen = [];

    public void Note(ListenOptions endpoint) => _seen.Add(endpoint);

    /// <param name="address">One of the server's own, as <c>http://127.0.0.1:8080</c>.</param>
    /// <returns>Whether it speaks HTTP/2 without TLS and nothing else.</returns>
    public bool IsClearHttp2Alone(string address) =>
        address.StartsWith("http://", StringComparison.Ordinal) && _seen.Any(e => e.Protocols == HttpProtocols.Http2 && e.ToString() == address);
}
