using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Oci;
using Nixery.Pulls;
using Nixery.Pulls.Keeping;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

public sealed class ImageUsesTests : IDisposable
{
    private const int TimeoutMilliseconds = 20_000;
    private static readonly Digest One = Digest.Of([1]);
    private static readonly Digest Other = Digest.Of([2]);

    private readonly SkippingTime _time = new();
    private readonly MemoryRecords _records = new();
    private readonly ImageUses _uses;

    public ImageUsesTests() => _uses = new ImageUses(_time);

    public void Dispose() => _uses.Dispose();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_use_is_written_once_a_day_and_known_to_the_moment()
    {
        for (var i = 0; i < 5; i++)
        {
            _uses.Note(One);
        }

        (await WrittenAsync()).Should().Equal(ImageUses.KeyOf(One).Hex, _uses.Sign.Hex);
        _uses.FindLast(One).Should().BeCloseTo(_time.GetUtcNow(), TimeSpan.FromSeconds(10));
        _uses.FindLast(Other).Should().BeNull();

        _time.Skip(TimeSpan.FromSeconds(5));
        _uses.Note(Other);
        (await WrittenAsync()).Should().Equal(ImageUses.KeyOf(Other).Hex);
        _time.Skip(TimeSpan.FromDays(1));
        _uses.Note(One);
        (await WrittenAsync()).Should().Equal(ImageUses.KeyOf(One).Hex, _uses.Sign.Hex);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_could_not_be_written_is_written_at_a_later_use()
    {
        _records.IsBroken = true;
        using var writer = new UseWriter(_uses, new TypedRecords(_records, NullLogger<TypedRecords>.Instance), _time, NullLogger<UseWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        _uses.Note(One);
        while (_uses.ToWrite.Count > 0)
        {
            await Task.Yield();
        }

        _records.IsBroken = false;
        while (await _records.FindAsync(ImageUses.KeyOf(One), CancellationToken.None) is null)
        {
            _uses.Note(One);
            await Task.Yield();
        }

        await writer.StopAsync(CancellationToken.None);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_is_noted_when_the_server_ends_is_written()
    {
        using var writer = new UseWriter(_uses, new TypedRecords(_records, NullLogger<TypedRecords>.Instance), TimeProvider.System, NullLogger<UseWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        _uses.Note(One);
        _uses.Note(Other);
        await writer.StopAsync(CancellationToken.None);

        (await _records.FindAsync(ImageUses.KeyOf(One), CancellationToken.None)).Should().NotBeNull();
        (await _records.FindAsync(ImageUses.KeyOf(Other), CancellationToken.None)).Should().NotBeNull();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Several_uses_are_written_at_once_and_the_sign_does_not_wait_behind_them()
    {
        var records = new HeldRecords();
        using var writer = new UseWriter(_uses, new TypedRecords(records, NullLogger<TypedRecords>.Instance), TimeProvider.System, NullLogger<UseWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        for (var i = 0; i < 100; i++)
        {
            _uses.Note(Digest.Of([(byte)i, 1]));
        }

        while (records.Uses < 16 || records.Signs < 1)
        {
            await Task.Yield();
        }

        records.Uses.Should().Be(16, "there is a bound, and nothing is let through yet");
        var stop = writer.StopAsync(CancellationToken.None);
        records.LetThrough();
        await stop;
        records.Uses.Should().Be(100, "what waits at the end is written still");
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_storage_that_holds_on_to_the_last_word_does_not_keep_the_server()
    {
        var records = new HeldRecords();
        using var writer = new UseWriter(_uses, new TypedRecords(records, NullLogger<TypedRecords>.Instance), TimeProvider.System, NullLogger<UseWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        _uses.Note(One);
        while (records.Uses < 1)
        {
            await Task.Yield();
        }

        await writer.StopAsync(CancellationToken.None);
    }

    /// <summary>Notes who comes, and lets none go on until it is told.</summary>
    private sealed class HeldRecords : IRecordStore
    {
        private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _uses;
        private int _signs;

        public int Uses => Volatile.Read(ref _uses);

        public int Signs => Volatile.Read(ref _signs);

        public void LetThrough() => _go.SetResult();

        public ValueTask<ReadOnlyMemory<byte>?> FindAsync(RecordKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<ListedRecord> ListAsync(string kind, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(RecordKey key, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task PutAsync(RecordKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            _ = key.Kind == ImageUses.SignKind ? Interlocked.Increment(ref _signs) : Interlocked.Increment(ref _uses);
            return _go.Task.WaitAsync(cancellationToken);
        }
    }

    private Task<List<string>> WrittenAsync()
    {
        var keys = new List<string>();
        foreach (var channel in new[] { _uses.ToWrite, _uses.ToSign })
        {
            while (channel.TryRead(out var key))
            {
                keys.Add(key.Hex);
            }
        }

        return Task.FromResult(keys);
    }
}
