using System.Text.Json.Serialization;
using System.Threading.Channels;
using Microsoft.Extensions.Caching.Memory;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// When images were answered: to the moment in this server's memory, and to the day in the storage, for all servers and for later. A pull
/// costs a look into memory; what has to be written, once a day for each manifest, is written behind it by <see cref="UseWriter"/>. So is,
/// every now and then, that this server answers at all: what others have answered just now nobody but they can know.
/// </summary>
public sealed class ImageUses : IDisposable
{
    private const int MostKnown = 50_000;
    private const int MostWaiting = 10_000;

    /// <summary>The records of servers that answer.</summary>
    internal const string SignKind = "server";

    /// <summary>How old the news may be that another server has answered something.</summary>
    public static readonly TimeSpan SignEvery = TimeSpan.FromSeconds(20);

    private readonly TimeProvider _time;
    private long _signAt = long.MinValue;
    private int _forgotten;
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MostKnown });
    private readonly Channel<RecordKey> _toWrite = Channel.CreateBounded<RecordKey>(MostWaiting);

    /// <summary>Of its own, since others wait for it: behind ten thousand uses it would be old news.</summary>
    private readonly Channel<RecordKey> _toSign = Channel.CreateBounded<RecordKey>(1);

    internal ImageUses(TimeProvider time) => _time = time;

    /// <summary>The record by which this server says that it answers.</summary>
    internal RecordKey Sign { get; } = RecordKey.Changing(SignKind, Guid.NewGuid().ToString());

    internal ChannelReader<RecordKey> ToWrite => _toWrite.Reader;

    internal ChannelReader<RecordKey> ToSign => _toSign.Reader;

    /// <summary>A client has got this manifest, and will come for what it names.</summary>
    public void Note(Digest manifest)
    {
        var now = _time.GetUtcNow();
        var use = _known.Get<Use>(manifest) ?? _known.Set(manifest, new Use(), new MemoryCacheEntryOptions { Size = 1 });
        use.At = now;
        // Where too many wait this one is noted at its next pull.
        if (use.TryBegin(DayOf(now).DayNumber, Volatile.Read(ref _forgotten)) && !_toWrite.Writer.TryWrite(KeyOf(manifest)))
        {
            use.Forget();
        }

        var signed = Volatile.Read(ref _signAt);
        if (now.UtcTicks >= signed && Interlocked.CompareExchange(ref _signAt, (now + SignEvery).UtcTicks, signed) == signed)
        {
            // One that waits already says the same.
            _toSign.Writer.TryWrite(Sign);
        }
    }

    /// <summary>When this server has answered it last; null where it has not, as far as it remembers.</summary>
    internal DateTimeOffset? FindLast(Digest manifest) => _known.Get<Use>(manifest)?.At;

    /// <summary>What was to be written could not be, and perhaps not what waits behind it: the next uses try again.</summary>
    internal void Forget() => Interlocked.Increment(ref _forgotten);

    /// <summary>No more are to be written.</summary>
    internal void Close()
    {
        _toWrite.Writer.TryComplete();
        _toSign.Writer.TryComplete();
    }

    public void Dispose() => _known.Dispose();

    internal static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    internal static RecordKey KeyOf(Digest manifest) => RecordKey.Changing("use", manifest.ToString());

    private sealed class Use
    {
        private const long Never = -1;
        private long _day = Never;
        private long _ticks;

        public DateTimeOffset At
        {
            get => new(Volatile.Read(ref _ticks), TimeSpan.Zero);
            set => Volatile.Write(ref _ticks, value.UtcTicks);
        }

        /// <summary>Of many at once one is told true, once for each day and each time that all is forgotten.</summary>
        public bool TryBegin(int day, int forgotten)
        {
            var now = ((long)forgotten << 32) + day;
            return Volatile.Read(ref _day) != now && Interlocked.Exchange(ref _day, now) != now;
        }

        public void Forget() => Volatile.Write(ref _day, Never);
    }
}

/// <summary>The day of the last use of an image, by UTC.</summary>
internal sealed record UseRecord(DateOnly Day);

/// <summary>A server that answered something then.</summary>
internal sealed record SignRecord(DateTimeOffset At);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(UseRecord))]
[JsonSerializable(typeof(SignRecord))]
internal sealed partial class UseJson : JsonSerializerContext;
