using System.Globalization;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Microsoft.Extensions.Caching.Memory;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>
/// When images were answered: to the moment in this server's memory, and to the day in the storage, for all servers and for later. A pull
/// costs a look into memory; what has to be written, once a day for each manifest, is written behind it by <see cref="UseWriter"/>.
/// </summary>
public sealed class ImageUses : IDisposable
{
    private const int MostKnown = 100_000;
    private const int MostWaiting = 10_000;

    private readonly TimeProvider _time;
    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MostKnown });
    private readonly Channel<Digest> _toWrite = Channel.CreateBounded<Digest>(MostWaiting);

    internal ImageUses(TimeProvider time) => _time = time;

    internal ChannelReader<Digest> ToWrite => _toWrite.Reader;

    /// <summary>A client has got this manifest, and will come for what it names.</summary>
    public void Note(Digest manifest)
    {
        var now = _time.GetUtcNow();
        var use = _known.Get<Use>(manifest) ?? _known.Set(manifest, new Use(), new MemoryCacheEntryOptions { Size = 1 });
        use.At = now;
        // Where too many wait this one is noted at its next pull.
        if (use.TryBegin(DayOf(now).DayNumber) && !_toWrite.Writer.TryWrite(manifest))
        {
            use.Forget();
        }
    }

    /// <summary>When this server has answered it last; null where it has not, as far as it remembers.</summary>
    internal DateTimeOffset? FindLast(Digest manifest) => _known.Get<Use>(manifest)?.At;

    /// <summary>It could not be written: the next use tries again.</summary>
    internal void Forget(Digest manifest) => _known.Get<Use>(manifest)?.Forget();

    /// <summary>No more are to be written.</summary>
    internal void Close() => _toWrite.Writer.TryComplete();

    public void Dispose() => _known.Dispose();

    internal static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    internal static RecordKey KeyOf(Digest manifest) => RecordKey.Changing("use", manifest.ToString());

    private sealed class Use
    {
        private const int Never = -1;
        private int _day = Never;
        private long _ticks;

        public DateTimeOffset At
        {
            get => new(Volatile.Read(ref _ticks), TimeSpan.Zero);
            set => Volatile.Write(ref _ticks, value.UtcTicks);
        }

        /// <summary>Of many at once one is told true.</summary>
        public bool TryBegin(int day) => Volatile.Read(ref _day) != day && Interlocked.Exchange(ref _day, day) != day;

        public void Forget() => Volatile.Write(ref _day, Never);
    }
}

/// <summary>The day of the last use of an image, by UTC.</summary>
internal sealed record UseRecord(DateOnly Day)
{
    public override string ToString() => Day.ToString("O", CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(UseRecord))]
internal sealed partial class UseJson : JsonSerializerContext;
