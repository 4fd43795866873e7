namespace Nixery.Storage;

/// <summary>
/// The folder of the file-system storage: <c>blobs/</c>, <c>records/</c>, and <c>unfinished/</c> for what is being
/// written. A file comes into sight by one rename within the file system, after its bytes are on the medium, so whoever
/// reads finds all of it or nothing, whenever the writer was killed.
/// </summary>
public sealed class StorageFolder : IDisposable
{
    private readonly string _root;
    private readonly ClaimedFolder _unfinished;

    public StorageFolder(StorageOptions options)
    {
        _root = System.IO.Path.GetFullPath(options.Path);
        _unfinished = ClaimedFolder.Claim(System.IO.Path.Combine(_root, "unfinished"));
    }

    public void Dispose() => _unfinished.Dispose();

    internal string PathOf(string kind, string algorithm, string hex) =>
        System.IO.Path.Combine(_root, kind, algorithm, hex[..2], hex);

    /// <summary>The last parts of the paths of a kind that are there.</summary>
    internal IEnumerable<string> NamesIn(string kind, string algorithm)
    {
        var folder = System.IO.Path.Combine(_root, kind, algorithm);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => System.IO.Path.GetFileName(file))
            : [];
    }

    /// <summary>A new, empty file that nobody sees.</summary>
    internal FileStream CreateUnfinished() => new(
        System.IO.Path.Combine(_unfinished.Path, Guid.NewGuid().ToString("N")),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            // Whatever writes here writes large pieces.
            BufferSize = 0,
        });

    /// <summary>Puts a finished file in its place; one that is there already is replaced.</summary>
    internal static void Publish(FileStream finished, string path)
    {
        finished.Flush(flushToDisk: true);
        finished.Dispose();
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.Move(finished.Name, path, overwrite: true);
    }
}
