using System.Globalization;
using System.Text;

namespace Nixery.Server.Tests.Protocol;

/// <summary>An answer of HTTP/1.1 as it came, with nothing in between that would make it good.</summary>
/// <param name="Body">As Latin-1.</param>
public sealed record RawAnswer(int Status, string Reason, IReadOnlyDictionary<string, string> Headers, string Body)
{
    private const string EndOfHead = "\r\n\r\n";

    /// <param name="text">All that came before the connection ended, as Latin-1.</param>
    public static RawAnswer Parse(string text)
    {
        var end = text.IndexOf(EndOfHead, StringComparison.Ordinal);
        end.Should().BePositive("the answer has a head: " + text[..Math.Min(text.Length, 200)]);
        var lines = text[..end].Split("\r\n");
        var status = lines[0].Split(' ', 3);
        var headers = lines[1..].Select(l => l.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        return new RawAnswer(int.Parse(status[1], CultureInfo.InvariantCulture), status[2], headers, text[(end + EndOfHead.Length)..]);
    }

    /// <summary>Reads one answer, as long as it says that it is, and none that only tells to go on.</summary>
    public static async Task<RawAnswer> ReadAsync(Stream stream, bool isHead, CancellationToken cancellationToken)
    {
        RawAnswer head;
        do
        {
            head = Parse(await ReadHeadAsync(stream, cancellationToken));
        }
        while (head.Status == 100);

        var length = isHead || head.Status is 204 or 304 ? 0 : int.Parse(head.Headers["Content-Length"], CultureInfo.InvariantCulture);
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, cancellationToken);
        return head with { Body = Encoding.Latin1.GetString(body) };
    }

    private static async Task<string> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancellationToken) == 1)
        {
            head.Append((char)one[0]);
            if (one[0] == '\n' && head.ToString().EndsWith(EndOfHead, StringComparison.Ordinal))
            {
                break;
            }
        }

        return head.ToString();
    }
}
