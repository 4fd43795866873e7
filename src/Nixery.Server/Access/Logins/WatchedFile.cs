using System.Security.Cryptography;
using System.Text;
using Nixery.Server.Configuring;

namespace Nixery.Server.Access.Logins;

/// <summary>A file that is read again when it has changed.</summary>
internal interface IWatchedFile
{
    /// <summary>Looks whether it has changed. A file that cannot be read, or is none of its kind, changes nothing, and the log says so.</summary>
    void Look();
}

/// <summary>
/// What a file says, as it was when it last made sense. All of it is read at each look: what Kubernetes mounts is changed by turning links,
/// which leaves no trace in the times of files.
/// </summary>
internal sealed partial class WatchedFile<T> : IWatchedFile
    where T : class
{
    private readonly string _path;
    private readonly Func<string, T> _read;
    private readonly ILogger _logger;
    private byte[] _digest;
    private byte[]? _unsettled;
    private string? _complaint;
    private volatile T _current;

    /// <param name="read">Throws <see cref="FormatException"/> with a sentence that says nothing secret.</param>
    /// <exception cref="FormatException">The file is none of its kind.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public WatchedFile(string path, Func<string, T> read, ILogger logger)
    {
        (_path, _read, _logger) = (path, read, logger);
        var content = SmallFile.ReadBytes(path);
        _digest = SHA256.HashData(content);
        _current = read(TextOf(content));
    }

    public T Current => _current;

    public void Look()
    {
        try
        {
            Judge(SmallFile.ReadBytes(_path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            if (_complaint != e.Message)
            {
                _complaint = e.Message;
                Log.Kept(_logger, _path, e.Message);
            }
        }
    }

    private void Judge(byte[] content)
    {
        var digest = SHA256.HashData(content);
        if (digest.AsSpan().SequenceEqual(_digest))
        {
            _unsettled = null;
            _complaint = null;
        }
        else if (!digest.AsSpan().SequenceEqual(_unsettled))
        {
            // What is just being written is half of what it will be: it counts when the next look finds the same.
            _unsettled = digest;
        }
        else
        {
            _digest = digest;
            _unsettled = null;
            _current = _read(TextOf(content));
            _complaint = null;
            Log.ReadAgain(_logger, _path);
        }
    }

    private static string TextOf(byte[] content) => Encoding.UTF8.GetString(content).TrimStart('\uFEFF');

    private static partial class Log
    {
        [LoggerMessage(4060, LogLevel.Information, "{File} has changed and was read again")]
        public static partial void ReadAgain(ILogger logger, string file);

        [LoggerMessage(4061, LogLevel.Error, "{File} cannot be used as it is now, and what it said before stays in force: {Problem}")]
        public static partial void Kept(ILogger logger, string file, string problem);
    }
}
