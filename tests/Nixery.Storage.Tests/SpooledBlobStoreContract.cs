using System.Security.Cryptography;
using Nixery.Oci;

namespace Nixery.Storage.Tests;

/// <summary>What every blob store keeps that has a blob in a file until it is committed.</summary>
public abstract class SpooledBlobStoreContract : LargeBlobsContract
{
    /// <summary>Where files are that are not committed yet.</summary>
    private protected abstract string UnfinishedFolder { get; }

    [Fact(Timeout = 60_000)]
    public async Task What_was_cut_between_writing_and_commit_is_refused()
    {
        var content = RandomNumberGenerator.GetBytes(100_000);
        await using (var writer = await Store.CreateAsync(CancellationToken.None))
        {
            await writer.Content.WriteAsync(content);
            await using (var file = OpenUnfinished())
            {
                file.SetLength(content.Length - 1);
            }

            await FluentActions.Awaiting(() => writer.CommitAsync(CancellationToken.None)).Should().ThrowAsync<IOException>();
        }

        (await Store.FindSizeAsync(Digest.Of(content), CancellationToken.None)).Should().BeNull();
        (await ListAsync()).Should().BeEmpty();
        CountLeftovers().Should().Be(0);
    }

    /// <summary>The one file that is being written.</summary>
    private protected FileStream OpenUnfinished() => new(
        Directory.EnumerateFiles(UnfinishedFolder, "*", SearchOption.AllDirectories).Single(f => !f.EndsWith(".lock", StringComparison.Ordinal)),
        FileMode.Open,
        FileAccess.ReadWrite,
        FileShare.ReadWrite | FileShare.Delete);
}
