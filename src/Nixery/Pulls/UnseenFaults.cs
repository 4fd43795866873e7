using Microsoft.Extensions.Logging;

namespace Nixery.Pulls;

/// <summary>Writes into the log what went wrong after the last client had left.</summary>
internal sealed partial class UnseenFaults(ILogger<UnseenFaults> logger)
{
    public void Report<TKey>(TKey key, AggregateException fault)
    {
        Log.Failed(logger, fault.InnerException ?? fault, $"{key}");
    }

    private static partial class Log
    {
        [LoggerMessage(1103, LogLevel.Error, "Work that nobody waited for any more has failed: {Key}")]
        public static partial void Failed(ILogger logger, Exception fault, string key);
    }
}
