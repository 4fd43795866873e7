using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Pulls;
using Nixery.Pulls.Keeping;

namespace Nixery.Tests.Pulls.Keeping;

public sealed class BuildCacheTests : IDisposable
{
    private const int TimeoutMilliseconds = 20_000;

    private readonly KeptStorage _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_was_let_go_is_not_believed_longer_because_the_clock_is_put_back()
    {
        var clock = new PutBackClock();
        var image = await _storage.MakeAsync("a", "of a");
        using var cache = new BuildCache(
            new TypedRecords(_storage.Steps, NullLogger<TypedRecords>.Instance), _storage.Steps, new Condemned(_storage.Steps, clock), new PullOptions(), clock);
        (await cache.FindImageAsync(KeptStorage.KeyOf("a"), CancellationToken.None)).Should().NotBeNull();
        await _storage.RecordAsync("a", image with { IsGone = true });
        (await cache.FindImageAsync(KeptStorage.KeyOf("a"), CancellationToken.None))!.Origin.Should().Be(ImageOrigin.Memory);

        clock.Passed = BuildCache.BelieveFor;
        clock.PutBackBy = TimeSpan.FromHours(1);

        (await cache.FindImageAsync(KeptStorage.KeyOf("a"), CancellationToken.None)).Should().BeNull();
    }

    private sealed class PutBackClock : TimeProvider
    {
        public TimeSpan Passed { get; set; }

        public TimeSpan PutBackBy { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddDays(20_000) + Passed - PutBackBy;
    }
}
