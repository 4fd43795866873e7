using System.Security.Cryptography;
using Nixery.Oci;

namespace Nixery.Storage.Tests;

/// <summary>What every blob store keeps, whatever it is made of. A backend is done when it passes, and <see cref="LargeBlobsContract"/>.</summary>
public abstract class BlobStoreContract
{
    private const int TimeoutMilliseconds = 60_000;
    private static readonly byte[] Content = "some bytes"u8.ToArray();

    private protected abstract IBlobStore Store { get; }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_committed_blob_is_there_whole()
    {
        var stored = await WriteAsync(Content);

        stored.Should().Be(new StoredBlob(Digest.Of(Content), Content.Length));
        (await Store.FindSizeAsync(stored.Digest, CancellationToken.None)).Should().Be(Content.Length);
        (await ReadAsync(stored.Digest, ByteRange.Whole)).Should().Equal(Content);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_empty_blob_is_a_blob()
    {
        var stored = await WriteAsync([]);

        (await Store.FindSizeAsync(stored.Digest, CancellationToken.None)).Should().Be(0);
        (await ReadAsync(stored.Digest, ByteRange.Whole)).Should().BeEmpty();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_missing_blob_is_null_and_no_exception()
    {
        (await Store.FindSizeAsync(Digest.Of("missing"u8), CancellationToken.None)).Should().BeNull();
        (await Store.OpenAsync(Digest.Of("missing"u8), ByteRange.Whole, CancellationToken.None)).Should().BeNull();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(0, 4, "some")]
    [InlineData(5, 5, "bytes")]
    [InlineData(5, null, "bytes")]
    [InlineData(9, 1, "s")]
    [InlineData(0, 10, "some bytes")]
    [InlineData(10, null, "")]
    public async Task A_range_is_that_part_alone(long offset, int? length, string expected)
    {
        var stored = await WriteAsync(Content);

        (await ReadAsync(stored.Digest, new ByteRange(offset, length))).Should().Equal(System.Text.Encoding.ASCII.GetBytes(expected));
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(11, null)]
    [InlineData(5, 6L)]
    [InlineData(-1, 2L)]
    [InlineData(1, long.MaxValue)]
    public async Task A_range_outside_of_the_blob_is_refused(long offset, long? length)
    {
        var stored = await WriteAsync(Content);

        var open = () => Store.OpenAsync(stored.Digest, new ByteRange(offset, length), CancellationToken.None);
        await open.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_blob_that_is_not_committed_leaves_no_trace()
    {
        await using (var writer = await Store.CreateAsync(CancellationToken.None))
        {
            await writer.Content.WriteAsync(Content);
            (await Store.FindSizeAsync(Digest.Of(Content), CancellationToken.None)).Should().BeNull();
        }

        (await Store.FindSizeAsync(Digest.Of(Content), CancellationToken.None)).Should().BeNull();
        CountLeftovers().Should().Be(0);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Committing_twice_the_same_digest_is_success()
    {
        await WriteAsync(Content);
        var again = await WriteAsync(Content);

        (await ReadAsync(again.Digest, ByteRange.Whole)).Should().Equal(Content);
        CountLeftovers().Should().Be(0);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Many_may_commit_the_same_digest_at_once_while_others_read_it()
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        await WriteAsync(content);

        await Parallel.ForAsync(0, 64, async (i, _) =>
        {
            if (i % 2 == 0)
            {
                await WriteAsync(content);
            }

            (await ReadAsync(Digest.Of(content), ByteRange.Whole)).Should().Equal(content);
        });
        CountLeftovers().Should().Be(0);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_cancelled_call_does_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await FluentActions.Awaiting(() => Store.FindSizeAsync(Digest.Of(Content), cancelled.Token)).Should().ThrowAsync<OperationCanceledException>();
        await FluentActions.Awaiting(() => Store.CreateAsync(cancelled.Token)).Should().ThrowAsync<OperationCanceledException>();
        await using (var writer = await Store.CreateAsync(CancellationToken.None))
        {
            await writer.Content.WriteAsync(Content);
            await FluentActions.Awaiting(() => writer.CommitAsync(cancelled.Token)).Should().ThrowAsync<OperationCanceledException>();
        }

        (await Store.FindSizeAsync(Digest.Of(Content), CancellationToken.None)).Should().BeNull();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_inventory_has_what_is_committed_and_nothing_else()
    {
        var stored = new List<StoredBlob>();
        for (var i = 0; i < 8; i++)
        {
            stored.Add(await WriteAsync([.. Content, (byte)i]));
        }

        await using var begun = await Store.CreateAsync(CancellationToken.None);
        await begun.Content.WriteAsync("begun"u8.ToArray());

        var listed = await ListAsync();
        listed.Select(b => new StoredBlob(b.Digest, b.SizeBytes)).Should().BeEquivalentTo(stored);
        listed.Should().OnlyContain(b => b.Written > TimeProvider.System.GetUtcNow().AddDays(-1));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_deleted_blob_is_missing_and_can_be_written_again()
    {
        var inventory = (IBlobInventory)Store;
        var stored = await WriteAsync(Content);
        await WriteAsync("another"u8.ToArray());

        await inventory.DeleteAsync(stored.Digest, CancellationToken.None);
        await inventory.DeleteAsync(stored.Digest, CancellationToken.None);

        (await Store.FindSizeAsync(stored.Digest, CancellationToken.None)).Should().BeNull();
        (await Store.OpenAsync(stored.Digest, ByteRange.Whole, CancellationToken.None)).Should().BeNull();
        (await ListAsync()).Should().ContainSingle();
        await WriteAsync(Content);
        (await ReadAsync(stored.Digest, ByteRange.Whole)).Should().Equal(Content);
    }

    /// <summary>How much unfinished work the medium holds.</summary>
    private protected abstract int CountLeftovers();

    private protected async Task<List<ListedBlob>> ListAsync()
    {
        var listed = new List<ListedBlob>();
        await foreach (var blob in ((IBlobInventory)Store).ListAsync(CancellationToken.None))
        {
            listed.Add(blob);
        }

        return listed;
    }

    private protected async Task<StoredBlob> WriteAsync(byte[] content)
    {
        await using var writer = await Store.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync(content);
        return await writer.CommitAsync(CancellationToken.None);
    }

    private protected async Task<byte[]> ReadAsync(Digest digest, ByteRange range)
    {
        await using var content = await Store.OpenAsync(digest, range, CancellationToken.None);
        var copy = new MemoryStream();
        await content!.CopyToAsync(copy);
        return copy.ToArray();
    }
}
