using System.Security.Cryptography;
using Nixery.Oci;
using Nixery.Tests;

namespace Nixery.Storage.Tests;

public sealed class MemoryBlobStoreTests : LargeBlobsContract
{
    private readonly MemoryBlobStore _store = new(0, TimeProvider.System);

    private protected override IBlobStore Store => _store;

    private protected override long MostAllocated => 400 * Mebibyte;

    private protected override int CountLeftovers() => (int)_store.UnfinishedBytes;

    [Fact(Timeout = 60_000)]
    public async Task What_is_written_at_a_time_is_limited_and_what_is_given_up_gives_its_room_back()
    {
        var store = new MemoryBlobStore(10 * Mebibyte, TimeProvider.System);
        var most = RandomNumberGenerator.GetBytes((int)(10 * Mebibyte));
        await using (var writer = await store.CreateAsync(CancellationToken.None))
        {
            await writer.Content.WriteAsync(most);
            await using var another = await store.CreateAsync(CancellationToken.None);
            await FluentActions.Awaiting(async () => await another.Content.WriteAsync("more"u8.ToArray())).Should().ThrowAsync<StorageFullException>();
        }

        store.UnfinishedBytes.Should().Be(0);
        await using var next = await store.CreateAsync(CancellationToken.None);
        await next.Content.WriteAsync(most);
        (await next.CommitAsync(CancellationToken.None)).Should().Be(new StoredBlob(Digest.Of(most), most.Length));
    }

    [Fact(Timeout = 60_000)]
    public async Task Who_reads_a_blob_while_it_is_deleted_reads_it_to_its_end()
    {
        var content = RandomNumberGenerator.GetBytes(1_000_000);
        var stored = await WriteAsync(content);
        await using var reader = await Store.OpenAsync(stored.Digest, new ByteRange(65_535, null), CancellationToken.None);
        var begin = new byte[10];
        await reader!.ReadExactlyAsync(begin);

        await _store.DeleteAsync(stored.Digest, CancellationToken.None);

        var rest = new MemoryStream();
        await reader.CopyToAsync(rest);
        begin.Concat(rest.ToArray()).Should().Equal(content[65_535..]);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_blob_that_is_written_again_is_as_new()
    {
        var time = new ManualTime();
        var store = new MemoryBlobStore(0, time);
        await CommitAsync(store);
        time.Advance(TimeSpan.FromHours(2));
        await CommitAsync(store);

        var listed = new List<ListedBlob>();
        await foreach (var blob in store.ListAsync(CancellationToken.None))
        {
            listed.Add(blob);
        }

        listed.Should().ContainSingle().Which.Written.Should().Be(time.GetUtcNow(), "or it goes with what nobody needs, before its image has a record");
    }

    private static async Task CommitAsync(MemoryBlobStore store)
    {
        await using var writer = await store.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync("bytes"u8.ToArray());
        await writer.CommitAsync(CancellationToken.None);
    }
}

public sealed class MemoryRecordStoreTests : ExclusiveRecordsContract
{
    private readonly MemoryRecordStore _store = new(TimeProvider.System);

    private protected override IRecordStore Store => _store;

    [Fact(Timeout = 60_000)]
    public async Task A_record_is_a_copy_and_the_same_whether_it_may_change_or_not()
    {
        var content = "1"u8.ToArray();
        await Store.PutAsync(RecordKey.Changing("kind", "a"), content, CancellationToken.None);
        content[0] = (byte)'2';

        (await Store.FindAsync(RecordKey.Of("kind", "a"), CancellationToken.None))!.Value.ToArray().Should().Equal("1"u8.ToArray());
    }
}

public sealed class MemoryLeasesTests : LeasesContract
{
    private readonly MemoryLeases _leases = new();

    private protected override (ILeases One, ILeases Other) Leases => (_leases, _leases);
}
