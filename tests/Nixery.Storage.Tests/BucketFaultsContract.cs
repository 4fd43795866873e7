using System.Diagnostics;
using System.Security.Cryptography;
using Nixery.Doubles;
using Nixery.Oci;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Tests;

/// <summary>What a store in a bucket keeps while the bucket's server does not do well: the right bytes, or a fault; nothing half.</summary>
public abstract class BucketFaultsContract
{
    private const int TimeoutMilliseconds = 60_000;
    private static readonly RecordKey Key = RecordKey.Of("kind", "a");

    private protected abstract IBlobStore Blobs { get; }

    private protected abstract IRecordStore Records { get; }

    private protected abstract Misbehaviour Server { get; }

    private protected abstract Shelf Shelf { get; }

    private protected abstract int CountUploads();

    /// <summary>The same stores, with little patience.</summary>
    private protected abstract Task RestartAsync(TimeSpan patience);

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(1000)]
    [InlineData(40_000_000)]
    public async Task A_server_that_is_away_for_some_requests_is_asked_again(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        Server.FailNext(4);
        var stored = await WriteAsync(content);
        Server.FailNext(4);
        (await Blobs.FindSizeAsync(stored.Digest, CancellationToken.None)).Should().Be(length);
        Server.FailNext(4);
        (await ReadAsync(stored.Digest)).Should().Equal(content);
        Server.FailNext(4);
        await Records.PutAsync(Key, "1"u8.ToArray(), CancellationToken.None);
        Server.FailNext(4);
        (await Records.FindAsync(Key, CancellationToken.None))!.Value.Length.Should().Be(1);
        CountUploads().Should().Be(0);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Every_third_connection_that_is_reset_changes_nothing()
    {
        Server.ResetEvery = 3;
        for (var i = 0; i < 10; i++)
        {
            var content = RandomNumberGenerator.GetBytes(i == 5 ? 40_000_000 : 10_000);
            var stored = await WriteAsync(content);
            (await ReadAsync(stored.Digest)).Should().Equal(content);
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_body_that_breaks_off_is_read_on_from_where_it_was()
    {
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        var stored = await WriteAsync(content);
        Server.CutBodyEvery = 2;

        for (var i = 0; i < 6; i++)
        {
            (await ReadAsync(stored.Digest)).Should().Equal(content);
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_record_that_breaks_off_while_it_is_replaced_is_one_of_the_two()
    {
        var versions = new[] { Enumerable.Repeat((byte)'1', 300_000).ToArray(), Enumerable.Repeat((byte)'2', 300_000).ToArray() };
        await Records.PutAsync(Key, versions[0], CancellationToken.None);
        Server.CutBodyEvery = 2;

        for (var i = 1; i <= 16; i++)
        {
            var put = Records.PutAsync(Key, versions[i % 2], CancellationToken.None);
            for (var j = 0; j < 4; j++)
            {
                var found = (await Records.FindAsync(Key, CancellationToken.None))!.Value.ToArray();
                found.Should().OnlyContain(b => b == found[0]).And.HaveCount(versions[0].Length);
            }

            await put;
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_body_that_breaks_off_for_good_is_a_fault_and_no_end()
    {
        await RestartAsync(TimeSpan.FromMilliseconds(300));
        var content = RandomNumberGenerator.GetBytes(3_000_000);
        var stored = await WriteAsync(content);
        // Half of what is left, each time, down to the last byte, which has no half.
        Server.CutBodyEvery = 1;

        await FluentActions.Awaiting(() => ReadAsync(stored.Digest)).Should().ThrowAsync<IOException>();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_blob_that_goes_away_while_it_is_read_is_a_fault_and_no_end()
    {
        var content = RandomNumberGenerator.GetBytes(30_000_000);
        var stored = await WriteAsync(content);
        Server.CutBodyEvery = 1;
        await using var body = await Blobs.OpenAsync(stored.Digest, ByteRange.Whole, CancellationToken.None);
        Shelf.Objects.Clear();

        await FluentActions.Awaiting(() => body!.CopyToAsync(Stream.Null)).Should().ThrowAsync<BucketRefusedException>();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task When_the_patience_is_at_its_end_the_fault_is_one_of_the_medium_and_tells_no_secret()
    {
        await RestartAsync(TimeSpan.FromMilliseconds(300));
        var stored = await WriteAsync("before"u8.ToArray());
        Server.IsDown = true;

        var begun = Stopwatch.GetTimestamp();
        foreach (var call in new Func<Task>[]
        {
            () => Blobs.FindSizeAsync(stored.Digest, CancellationToken.None),
            () => Blobs.OpenAsync(stored.Digest, ByteRange.Whole, CancellationToken.None),
            () => WriteAsync("after"u8.ToArray()),
            () => Records.FindAsync(Key, CancellationToken.None).AsTask(),
            () => Records.PutAsync(Key, "1"u8.ToArray(), CancellationToken.None),
        })
        {
            var fault = (await FluentActions.Awaiting(call).Should().ThrowAsync<BucketUnavailableException>()).Which;
            fault.ToString().Should().NotContain(S3Double.SecretKey).And.NotContain("private_key").And.NotContain("Bearer");
        }

        Stopwatch.GetElapsedTime(begun).Should().BeLessThan(TimeSpan.FromSeconds(40));
        Server.IsDown = false;
        (await ReadAsync(stored.Digest)).Should().Equal("before"u8.ToArray());
        (await Blobs.FindSizeAsync(Digest.Of("after"u8), CancellationToken.None)).Should().BeNull();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_server_that_never_answers_is_given_up()
    {
        await RestartAsync(TimeSpan.Zero);
        Server.IsMute = true;

        await FluentActions.Awaiting(() => Blobs.FindSizeAsync(Digest.Of("x"u8), CancellationToken.None)).Should().ThrowAsync<BucketUnavailableException>();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_slow_server_is_waited_for()
    {
        Server.Delay = TimeSpan.FromSeconds(2);

        var stored = await WriteAsync("slow"u8.ToArray());
        (await ReadAsync(stored.Digest)).Should().Equal("slow"u8.ToArray());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_cancelled_upload_leaves_nothing_and_ends_at_once()
    {
        var content = RandomNumberGenerator.GetBytes(40_000_000);
        using var cancel = new CancellationTokenSource();
        await using (var writer = await Blobs.CreateAsync(CancellationToken.None))
        {
            await writer.Content.WriteAsync(content);
            Server.Delay = TimeSpan.FromMilliseconds(200);
            var before = Server.Requests;
            var commit = writer.CommitAsync(cancel.Token);
            while (Server.Requests < before + 4)
            {
                await Task.Yield();
            }

            await cancel.CancelAsync();
            await FluentActions.Awaiting(() => commit).Should().ThrowAsync<OperationCanceledException>();
        }

        Server.Delay = TimeSpan.Zero;
        (await Blobs.FindSizeAsync(Digest.Of(content), CancellationToken.None)).Should().BeNull();
        CountUploads().Should().Be(0);
    }

    private protected async Task<StoredBlob> WriteAsync(byte[] content)
    {
        await using var writer = await Blobs.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync(content);
        return await writer.CommitAsync(CancellationToken.None);
    }

    private protected async Task<byte[]> ReadAsync(Digest digest)
    {
        await using var content = await Blobs.OpenAsync(digest, ByteRange.Whole, CancellationToken.None);
        var copy = new MemoryStream();
        await content!.CopyToAsync(copy);
        return copy.ToArray();
    }
}
