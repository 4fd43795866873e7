using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Nixery.Oci;

namespace Nixery.Storage;

/// <summary>Blobs as files named by their digest. Media types are not kept: a manifest says its own.</summary>
public sealed class FileBlobStore(StorageFolder folder) : IBlobStore, IBlobInventory
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

    public async IAsyncEnumerable<ListedBlob> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in folder.Enumerate("blobs", "sha256"))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Digest.TryParse("sha256:" + file.Name, out var digest))
            {
                yield return new ListedBlob(digest, file.Length, file.LastWriteTimeUtc);
            }
        }

        await Task.CompletedTask;
    }

    public Task DeleteAsync(Digest digest, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        StorageFolder.Delete(PathOf(digest));
        return Task.CompletedTask;
    }

    private string PathOf(Digest digest) => folder.PathOf("blobs", "sha256", digest.Hex);
}

internal sealed class FileBlobWriter(FileStream file, Func<Digest, string> pathOf) : HashedBlobWriter(file)
{
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await file.DisposeAsync();
        if (!IsCommitted)
        {
            File.Delete(file.Name);
        }
    }

    protected override Task PublishAsync(StoredBlob stored, CancellationToken cancellationToken)
    {
        if (file.Length != stored.SizeBytes)
        {
            throw new IOException($"{file.Name} has {file.Length} bytes where {stored.SizeBytes} were written");
        }

        StorageFolder.Publish(file, pathOf(stored.Digest));
        return Task.CompletedTask;
    }
}
