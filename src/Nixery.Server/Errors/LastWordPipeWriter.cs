using System.IO.Pipelines;

namespace Nixery.Server.Errors;

/// <summary>Passes all on, until it is told the last word: from then on nothing is, and that is said at the end.</summary>
internal sealed class LastWordPipeWriter(PipeWriter inner) : PipeWriter
{
    private ReadOnlyMemory<byte>? _lastWord;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public bool HasLastWord => _lastWord is not null;

    public void EndWith(ReadOnlyMemory<byte> lastWord) => _lastWord = lastWord;

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        // Memory that is not advanced over is as if it had not been asked for.
        if (_lastWord is null)
        {
            inner.Advance(bytes);
        }
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        _lastWord is null ? inner.WriteAsync(source, cancellationToken) : inner.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <summary>For the end of the connection, which <see cref="HasLastWord"/>.</summary>
    public async ValueTask SayLastWordAsync(CancellationToken cancellationToken) => await inner.WriteAsync(_lastWord!.Value, cancellationToken);
}
