namespace Nixery.Storage.Buckets;

/// <summary>
/// Reads a part of an object to its end, over as many connections as that takes: what breaks off, stalls or ends early is asked for
/// again from where it was. When that does not help any more the read fails; it never ends before its end.
/// </summary>
internal sealed class ResumingStream(IBucket bucket, string name, BucketBody first, ByteRange whole, BucketRetry retry) : ForwardStream
{
    /// <summary>How often in a row an attempt may bring not a single byte.</summary>
    private const int MostFruitless = 5;

    private readonly long _end = whole.Offset + whole.Length!.Value;
    private BucketBody? _body = first;
    private long _position = whole.Offset;
    private int _fruitless;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = buffer[..(int)Math.Min(buffer.Length, _end - _position)];
        if (wanted.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            // This has been tried again as often as it makes sense, so its fault is the reader's.
            var body = _body ??= await ReopenAsync(cancellationToken);
            try
            {
                var read = await ReadWithinAsync(body, wanted, cancellationToken);
                _position += read;
                _fruitless = 0;
                return read;
            }
            catch (Exception e) when (e is IOException or HttpRequestException && _fruitless < MostFruitless)
            {
                await DropAsync();
                await retry.PauseAsync(_fruitless++, cancellationToken);
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await DropAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body?.Content.Dispose();
            _body = null;
        }

        base.Dispose(disposing);
    }

    private async Task<BucketBody> ReopenAsync(CancellationToken cancellationToken) =>
        await bucket.OpenAsync(name, new ByteRange(_position, _end - _position), cancellationToken)
        ?? throw new BucketRefusedException($"{name} went away while it was read");

    private async ValueTask<int> ReadWithinAsync(BucketBody body, Memory<byte> wanted, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(retry.RequestTimeout);
        try
        {
            var read = await body.Content.ReadAsync(wanted, limit.Token);
            return read > 0 ? read : throw new BucketUnavailableException($"{name} ended {_end - _position} bytes before its end");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BucketUnavailableException($"{name} did not go on within {retry.RequestTimeout}");
        }
    }

    private async ValueTask DropAsync()
    {
        if (_body is { } body)
        {
            _body = null;
            await body.DisposeAsync();
        }
    }
}
