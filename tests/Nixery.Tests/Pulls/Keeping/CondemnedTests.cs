using System.Text.Json;
using Nixery.Oci;
using Nixery.Pulls.Keeping;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

public sealed class CondemnedTests
{
    private const int TimeoutMilliseconds = 20_000;
    private static readonly Digest Layer = Digest.Of([1]);

    private readonly MemoryRecords _records = new();
    private readonly ManualTime _time = new();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Who_names_what_is_condemned_waits_until_it_is_no_more()
    {
        var condemned = new Condemned(_records, _time);
        var key = RecordKey.Changing(Condemned.Kind, "x");
        await condemned.WriteAsync(key, [Layer], CancellationToken.None);

        var waiting = condemned.WaitAsync([Layer], CancellationToken.None);
        waiting.IsCompleted.Should().BeFalse();
        await condemned.WaitAsync([Digest.Of([2])], CancellationToken.None);
        await condemned.RemoveAsync(key, CancellationToken.None);
        while (!waiting.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_word_of_a_server_with_a_clock_hours_ahead_holds_nobody_up()
    {
        var record = new CondemnedRecord([Layer], _time.GetUtcNow() + TimeSpan.FromHours(5));
        await _records.PutAsync(
            RecordKey.Changing(Condemned.Kind, "x"), JsonSerializer.SerializeToUtf8Bytes(record, CondemnedJson.Default.CondemnedRecord), CancellationToken.None);

        await new Condemned(_records, _time).WaitAsync([Layer], CancellationToken.None);
    }
}
