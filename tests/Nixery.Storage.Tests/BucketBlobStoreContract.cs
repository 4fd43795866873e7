using System.Security.Cryptography;
using Nixery.Oci;

namespace Nixery.Storage.Tests;

/// <summary>What every blob store in a bucket keeps besides: it reads what was written once more, to upload it.</summary>
public abstract class BucketBlobStoreContract : SpooledBlobStoreContract
{
    private protected override int CountLeftovers() => Common.CountSpooled() + CountUploads();

    private protected override string UnfinishedFolder => Common.Options.SpoolPath;

    private protected abstract BucketBench Common { get; }

    /// <summary>Uploads that were begun and neither completed nor aborted.</summary>
    private protected abstract int CountUploads();

    [Theory(Timeout = 60_000)]
    [InlineData(100_000)]
    [InlineData(20 * 1024 * 1024)]
    public async Task What_a_bad_disk_has_changed_before_the_upload_is_refused(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        await using (var writer = await Store.CreateAsync(CancellationToken.None))
        {
            await writer.Content.WriteAsync(content);
            await using (var file = OpenUnfinished())
            {
                file.Position = length / 2;
                file.WriteByte((byte)~content[length / 2]);
            }

            await FluentActions.Awaiting(() => writer.CommitAsync(CancellationToken.None)).Should().ThrowAsync<IOException>();
        }

        (await Store.FindSizeAsync(Digest.Of(content), CancellationToken.None)).Should().BeNull();
        (await ListAsync()).Should().BeEmpty();
        CountLeftovers().Should().Be(0);
    }
}
