namespace Nixery.Storage;

/// <summary>
/// A folder for the unfinished work of this process alone, below a parent that several processes may share. A lock file
/// beside it is held open as long as the process lives, however it ends; whoever claims next removes the folders of
/// those that are gone.
/// </summary>
public sealed class ClaimedFolder : IDisposable
{
    private const string LockSuffix = ".lock";
    private readonly FileStream _lock;

    private ClaimedFolder(string path, FileStream lockFile)
    {
        Path = path;
        _lock = lockFile;
    }

    public string Path { get; }

    /// <summary>Sweeps what dead processes left below <paramref name="parent"/> and claims a new folder there.</summary>
    public static ClaimedFolder Claim(string parent)
    {
        Directory.CreateDirectory(parent);
        foreach (var abandoned in Directory.EnumerateFiles(parent, "*" + LockSuffix))
        {
            Sweep(abandoned);
        }

        // The lock comes before the folder and goes after it, so that there is never a folder without one.
        while (true)
        {
            var path = System.IO.Path.Combine(parent, Guid.NewGuid().ToString("N"));
            if (TryLock(path + LockSuffix, FileMode.CreateNew) is { } lockFile)
            {
                Directory.CreateDirectory(path);
                return new ClaimedFolder(path, lockFile);
            }
        }
    }

    /// <summary>A new, empty file that nobody else knows.</summary>
    internal FileStream CreateFile() => new(
        System.IO.Path.Combine(Path, Guid.NewGuid().ToString("N")),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            // An upload reads it while its writer still has it open.
            Share = FileShare.Read,
            // Whatever writes here writes large pieces.
            BufferSize = 0,
        });

    public void Dispose()
    {
        Remove(Path, _lock.Name);
        _lock.Dispose();
    }

    private static void Sweep(string lockPath)
    {
        using var lockFile = TryLock(lockPath, FileMode.Open);
        if (lockFile is not null)
        {
            Remove(lockPath[..^LockSuffix.Length], lockPath);
        }
    }

    private static void Remove(string folder, string lockPath)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        File.Delete(lockPath);
    }

    /// <summary>Null when another process holds it, or removed it meanwhile.</summary>
    internal static FileStream? TryLock(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is FileNotFoundException || IsHeldByAnother(e))
        {
            return null;
        }
    }

    // FileShare.None is flock(LOCK_EX | LOCK_NB); EWOULDBLOCK comes as a sharing violation.
    private static bool IsHeldByAnother(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
