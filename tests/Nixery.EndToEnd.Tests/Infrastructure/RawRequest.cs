using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A GET written to the socket by hand: no client library makes the path nicer than it is.</summary>
internal static class RawRequest
{
    public static async Task<Answer> SendAsync(Uri address, string path)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var parts = (await reader.ReadToEndAsync()).Split("\r\n\r\n", 2);
        var lines = parts[0].Split("\r\n");
        return new Answer(
            int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture),
            lines.Select(l => l.Split(": ", 2)).FirstOrDefault(h => h[0].Equals("Content-Type", StringComparison.OrdinalIgnoreCase))?[1],
            Digest: null,
            RetryAfter: null,
            Encoding.Latin1.GetBytes(parts[1]));
    }
}
