namespace Nixery.Storage.Tests;

/// <summary>What a record store keeps that can tell who was first.</summary>
public abstract class ExclusiveRecordsContract : RecordStoreContract
{
    [Fact(Timeout = 60_000)]
    public async Task Of_many_who_create_a_record_at_once_one_is_the_first()
    {
        var store = (IExclusiveRecords)Store;
        var winners = new System.Collections.Concurrent.ConcurrentBag<int>();

        await Parallel.ForAsync(0, 32, async (i, token) =>
        {
            if (await store.TryCreateAsync(Key, new[] { (byte)i }, token))
            {
                winners.Add(i);
            }
        });

        winners.Should().ContainSingle();
        (await Store.FindAsync(Key, CancellationToken.None))!.Value.ToArray().Should().Equal((byte)winners.Single());
        (await store.TryCreateAsync(Key, "late"u8.ToArray(), CancellationToken.None)).Should().BeFalse();
    }
}
