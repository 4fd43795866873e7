using Serilog.Events;

namespace Nixery.Server.Configuring;

/// <summary>What is logged, and how it looks. The log goes to standard output.</summary>
internal sealed record LogOptions
{
    public LogEventLevel Level { get; init; } = LogEventLevel.Information;

    public LogFormat Format { get; init; } = LogFormat.Text;

    /// <summary>How many refused requests have a line each; the others of the same minute are counted in one.</summary>
    public int RefusalsPerMinute { get; init; } = 60;
}

internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>A JSON object a line, for collectors.</summary>
    Json,
}
