using Nixery.Server.Pages;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Nixery.Server.Tests;

public sealed class PlainLinesTests
{
    [Theory]
    [InlineData("a\n12:00:00 INF Pull forged", "a\\u000a12:00:00 INF Pull forged")]
    [InlineData("a\u001b[31m", "a\\u001b[31m")]
    [InlineData("a\u202eb\u009bc\u007f", "a\\u202eb\\u009bc\\u007f")]
    [InlineData("plain é", "plain é")]
    public void A_name_cannot_write_a_line_of_its_own(string name, string written)
    {
        var seen = new Seen();
        using var log = new LoggerConfiguration().Enrich.With<PlainLines>().WriteTo.Sink(seen).CreateLogger();

        log.Information("{Path} is left out", name);

        ((ScalarValue)seen.Last!.Properties["Path"]).Value.Should().Be(written);
    }

    private sealed class Seen : ILogEventSink
    {
        public LogEvent? Last { get; private set; }

        public void Emit(LogEvent logEvent) => Last = logEvent;
    }
}
