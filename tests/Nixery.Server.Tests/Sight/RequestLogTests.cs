using Microsoft.Extensions.Logging;
using Nixery.Images;
using Nixery.Server.Configuring;
using Nixery.Server.Errors;
using Nixery.Server.Sight;
using Nixery.Tests;

namespace Nixery.Server.Tests.Sight;

public sealed class RequestLogTests
{
    private const int Limit = 30_000;

    private readonly ManualTime _time = new();
    private readonly Lines _lines = new();

    [Fact(Timeout = Limit)]
    public async Task A_flood_of_refused_requests_has_a_few_lines_and_then_one_with_their_number()
    {
        using var log = new RequestLog(new LogOptions { RefusalsPerMinute = 3 }, _time, _lines);
        await log.StartAsync(CancellationToken.None);
        for (var i = 0; i < 1000; i++)
        {
            log.Refused("GET", $"/v2/{i}", OciError.NotFound("nothing"));
        }

        log.PullRefused(ImageName.Parse("git"), Tag.Latest, OciError.Denied("no"), TimeSpan.Zero);

        _lines.All.Should().HaveCount(3).And.OnlyContain(l => l.Contains("refused with 404"));
        await NextMinuteAsync(count: 4);
        _lines.All[^1].Should().Be("Refused in the last minute besides those above: 1 with 403, 997 with 404");

        log.Refused("GET", "/v2/again", OciError.NotFound("nothing"));
        _lines.All[^1].Should().Be("GET /v2/again refused with 404: nothing");
        await log.StopAsync(CancellationToken.None);
    }

    [Fact(Timeout = Limit)]
    public async Task A_client_that_goes_on_over_its_limit_has_no_more_lines_than_others()
    {
        using var log = new RequestLog(new LogOptions { RefusalsPerMinute = 2 }, _time, _lines);
        await log.StartAsync(CancellationToken.None);
        for (var i = 0; i < 5; i++)
        {
            log.OverLimit("192.0.2.1", OciError.TooManyRequests("enough"));
        }

        await log.StopAsync(CancellationToken.None);

        const string Line = "A client is over its limit (192.0.2.1): enough";
        _lines.All.Should().Equal(Line, Line, "Refused in the last minute besides those above: 3 with 429");
    }

    [Fact(Timeout = Limit)]
    public async Task What_was_left_out_is_told_at_the_end_of_the_server_too()
    {
        using var log = new RequestLog(new LogOptions { RefusalsPerMinute = 0 }, _time, _lines);
        await log.StartAsync(CancellationToken.None);
        log.Refused("GET", "/v2/x", OciError.NotFound("nothing"));

        await log.StopAsync(CancellationToken.None);

        _lines.All.Should().Equal("Refused in the last minute besides those above: 1 with 404");
    }

    private async Task NextMinuteAsync(int count)
    {
        while (_lines.All.Count < count)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
    }

    private sealed class Lines : ILogger<RequestLog>
    {
        private readonly Lock _gate = new();
        private readonly List<string> _all = [];

        public IReadOnlyList<string> All
        {
            get
            {
                lock (_gate)
                {
                    return [.. _all];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_gate)
            {
                _all.Add(formatter(state, exception));
            }
        }
    }
}
