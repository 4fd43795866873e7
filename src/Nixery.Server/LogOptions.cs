using Serilog.Events;

namespace Nixery.Server;

/// <summary>What is logged, and how it looks. The log goes to standard output.</summary>
internal sealed record LogOptions
{
    public LogEventLevel Level { get; init; } = LogEventLevel.Information;

    public LogFormat Format { get; init; } = LogFormat.Text;
}

internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>A JSON object a line, for collectors.</summary>
    Json,
}
