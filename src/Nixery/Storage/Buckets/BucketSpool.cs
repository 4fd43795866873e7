namespace Nixery.Storage.Buckets;

/// <summary>Where blobs are until they are uploaded. What dead processes left there is swept.</summary>
public sealed class BucketSpool(BucketOptions options) : IDisposable
{
    private readonly ClaimedFolder _folder = ClaimedFolder.Claim(options.SpoolPath);

    public void Dispose() => _folder.Dispose();

    internal FileStream CreateFile() => _folder.CreateFile();
}
