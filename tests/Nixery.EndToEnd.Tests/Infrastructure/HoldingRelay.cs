namespace Nixery.EndToEnd.Infrastructure;

/// <summary>Passes on every byte until the client has sent so many over all connections: then none.</summary>
/// <param name="most">How many bytes of the client's are passed on, to the byte.</param>
internal sealed class HoldingRelay(Uri server, long most) : Relay(server)
{
    private long _sent;

    /// <summary>Bytes of the client's so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    protected override Func<ReadOnlyMemory<byte>, int> Connect() => bytes =>
    {
        var before = Interlocked.Add(ref _sent, bytes.Length) - bytes.Length;
        return (int)Math.Clamp(most - before, 0, bytes.Length);
    };
}
