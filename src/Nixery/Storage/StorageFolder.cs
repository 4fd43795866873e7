using Microsoft.Extensions.Logging;

namespace Nixery.Storage;

/// <summary>
/// The folder of the file-system storage: <c>blobs/</c>, <c>records/</c>, and <c>unfinished/</c> for what is being
/// written. A file comes into sight by one rename within the file system, after its bytes are on the medium, so whoever
/// reads finds all of it or nothing, whenever the writer was killed. The rename is on the medium, too, before anybody is told.
/// </summary>
public sealed partial class StorageFolder : IDisposable
{
    private const string Unfinished = "unfinished";
    private readonly string _root;
    private readonly Lock _gate = new();
    private ClaimedFolder? _unfinished;

    /// <param name="path">Need not exist. One that has images already may be read-only: then they are served, and no others.</param>
    /// <exception cref="IOException">Nothing can be written there, and there is nothing to serve.</exception>
    public StorageFolder(string path, ILogger<StorageFolder> logger)
    {
        _root = System.IO.Path.GetFullPath(path);
        try
        {
            _unfinished = Claim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && Directory.Exists(System.IO.Path.Combine(_root, "blobs")))
        {
            Log.ReadOnly(logger, e.Message);
        }
    }

    /// <summary>Whether a server has ever kept anything there, and be it nothing yet. Nothing is written for it.</summary>
    public static bool IsAt(string path) =>
        new[] { "blobs", "records", Unfinished }.Any(kind => Directory.Exists(System.IO.Path.Combine(path, kind)));

    public void Dispose() => _unfinished?.Dispose();

    internal string PathOf(string kind, string algorithm, string hex) =>
        System.IO.Path.Combine(_root, kind, algorithm, hex[..2], hex);

    /// <summary>A new, empty file that nobody sees.</summary>
    internal FileStream CreateUnfinished()
    {
        lock (_gate)
        {
            _unfinished ??= Claim();
        }

        return _unfinished.CreateFile();
    }

    /// <summary>All files of one kind, by any path that <see cref="PathOf"/> gives them.</summary>
    internal IEnumerable<FileInfo> Enumerate(string kind, string algorithm)
    {
        var folder = new DirectoryInfo(System.IO.Path.Combine(_root, kind, algorithm));
        // Deleted while it is looked at is as good as deleted before.
        return folder.Exists
            ? folder.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false }).Where(f => f.Exists)
            : [];
    }

    /// <summary>Puts a finished file in its place; one that is there already is replaced.</summary>
    internal static void Publish(FileStream finished, string path)
    {
        Finish(finished, path);
        Rename.Replace(finished.Name, path);
        FolderSync.Flush(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <summary>Puts a finished file in its place unless there is one: of many at once one is told true.</summary>
    internal static bool TryPublish(FileStream finished, string path)
    {
        Finish(finished, path);
        if (!HardLink.TryCreate(finished.Name, path))
        {
            return false;
        }

        FolderSync.Flush(System.IO.Path.GetDirectoryName(path)!);
        return true;
    }

    /// <summary>
    /// Deleting what is not there is success. On the medium when it returns: a layer must not be gone after a power cut and its manifest,
    /// which went before it, be there again.
    /// </summary>
    internal static void Delete(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                File.Delete(path);
                FolderSync.Flush(System.IO.Path.GetDirectoryName(path)!);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Nor is its folder.
        }
    }

    private static void Finish(FileStream finished, string path)
    {
        finished.Flush(flushToDisk: true);
        finished.Dispose();
        FolderSync.Create(System.IO.Path.GetDirectoryName(path)!);
    }

    private ClaimedFolder Claim() => ClaimedFolder.Claim(System.IO.Path.Combine(_root, Unfinished));

    private static partial class Log
    {
        [LoggerMessage(3010, LogLevel.Warning, "The storage cannot be written: images that are stored are served, and no others. {Problem}")]
        public static partial void ReadOnly(ILogger logger, string problem);
    }
}
