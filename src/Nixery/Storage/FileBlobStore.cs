using Microsoft.Win32.SafeHandles;
using Nixery.Oci;

namespace Nixery.Storage;

/// <summary>Blobs as files named by their digest. Media types are not kept: a manifest says its own.</summary>
public sealed class FileBlobStore(StorageFolder folder) : IBlobStore
{
    public Task<long?> FindSizeAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = new FileInfo(PathOf(digest));
        // Whoever moved blobs to another disk left links; the length of a link is its own.
        var target = file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint)
            ? file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file
            : file;
        return Task.FromResult<long?>(target.Exists ? target.Length : null);
    }

    public Task<Stream?> OpenAsync(Digest digest, ByteRange range, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(PathOf(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }

        return Task.FromResult<Stream?>(FileRangeStream.Of(file, range));
    }

    public Task<IBlobWriter> CreateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IBlobWriter>(new FileBlobWriter(folder.CreateUnfinished(), PathOf));
    }

    private string PathOf(Digest digest) => folder.PathOf("blobs", "sha256", digest.Hex);
}

internal sealed class FileBlobWriter(FileStream file, Func<Digest, string> pathOf) : IBlobWriter
{
    private readonly HashingStream _content = new(file);
    private bool _committed;

    public Stream Content => _content;

    public Task<StoredBlob> CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_committed)
        {
            throw new InvalidOperationException("a blob is committed once");
        }

        var stored = new StoredBlob(_content.GetDigest(), _content.WrittenBytes);
        StorageFolder.Publish(file, pathOf(stored.Digest));
        _committed = true;
        return Task.FromResult(stored);
    }

    public async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync();
        await file.DisposeAsync();
        if (!_committed)
        {
            File.Delete(file.Name);
        }
    }
}
