using Amazon.Runtime;

namespace Nixery.Storage.S3;

/// <summary>The body of an answer, whose faults are those of any connection and not the SDK's own.</summary>
internal sealed class S3Body(Stream body) : ForwardStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await body.ReadAsync(buffer, cancellationToken);
        }
        catch (AmazonClientException e)
        {
            throw new IOException($"the store's answer is not whole: {e.Message}");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
        }

        base.Dispose(disposing);
    }
}
