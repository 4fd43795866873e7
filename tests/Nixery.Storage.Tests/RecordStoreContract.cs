
namespace Nixery.Storage.Tests;

/// <summary>What every record store keeps.</summary>
public abstract class RecordStoreContract
{
    private protected static readonly RecordKey Key = RecordKey.Of("kind", "a", "b");

    private protected abstract IRecordStore Store { get; }

    [Fact(Timeout = 60_000)]
    public async Task A_record_is_what_was_put_last()
    {
        (await Store.FindAsync(Key, CancellationToken.None)).Should().BeNull();

        await Store.PutAsync(Key, "one"u8.ToArray(), CancellationToken.None);
        await Store.PutAsync(Key, "2"u8.ToArray(), CancellationToken.None);

        (await Store.FindAsync(Key, CancellationToken.None))!.Value.ToArray().Should().Equal("2"u8.ToArray());
    }

    [Fact(Timeout = 60_000)]
    public async Task Keys_that_differ_in_kind_or_in_the_bounds_of_their_parts_are_different()
    {
        await Store.PutAsync(RecordKey.Of("kind", "ab", "c"), "1"u8.ToArray(), CancellationToken.None);

        (await Store.FindAsync(RecordKey.Of("kind", "a", "bc"), CancellationToken.None)).Should().BeNull();
        (await Store.FindAsync(RecordKey.Of("other", "ab", "c"), CancellationToken.None)).Should().BeNull();
        (await Store.FindAsync(RecordKey.Of("kind", "ab", "c"), CancellationToken.None)).Should().NotBeNull();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_reader_never_sees_half_a_record()
    {
        var short_ = new byte[10];
        var long_ = Enumerable.Repeat((byte)1, 100_000).ToArray();
        await Store.PutAsync(Key, short_, CancellationToken.None);

        await Parallel.ForAsync(0, 200, async (i, token) =>
        {
            if (i % 4 == 0)
            {
                await Store.PutAsync(Key, i % 8 == 0 ? long_ : short_, token);
            }

            var seen = (await Store.FindAsync(Key, token))!.Value.ToArray();
            (seen.SequenceEqual(short_) || seen.SequenceEqual(long_)).Should().BeTrue();
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task The_keys_of_a_kind_can_be_listed_and_what_is_deleted_is_missing()
    {
        var keys = Enumerable.Range(0, 8).Select(i => RecordKey.Of("kind", $"{i}")).ToList();
        foreach (var key in keys.Append(RecordKey.Of("other", "1")))
        {
            await Store.PutAsync(key, "1"u8.ToArray(), CancellationToken.None);
        }

        (await ListAsync()).Should().BeEquivalentTo(keys);
        await Store.DeleteAsync(keys[3], CancellationToken.None);
        await Store.DeleteAsync(keys[3], CancellationToken.None);

        (await Store.FindAsync(keys[3], CancellationToken.None)).Should().BeNull();
        (await ListAsync()).Should().BeEquivalentTo(keys.Except([keys[3]]));
    }

    private async Task<List<RecordKey>> ListAsync()
    {
        var listed = new List<RecordKey>();
        await foreach (var record in Store.ListAsync("kind", CancellationToken.None))
        {
            record.SizeBytes.Should().Be(1);
            record.Written.Should().BeCloseTo(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(10));
            listed.Add(record.Key);
        }

        return listed;
    }
}
