using System.Text;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>Passes on every byte, and notes what the client asked.</summary>
internal sealed class RecordingRelay(Uri server) : Relay(server)
{
    private const string Protocol = " HTTP/1.1";

    private readonly Lock _gate = new();
    private readonly List<StringBuilder> _asked = [];

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

    protected override Func<ReadOnlyMemory<byte>, int> Connect()
    {
        var asked = new StringBuilder();
        lock (_gate)
        {
            _asked.Add(asked);
        }

        return bytes =>
        {
            lock (_gate)
            {
                asked.Append(Encoding.Latin1.GetString(bytes.Span));
            }

            return bytes.Length;
        };
    }
}
