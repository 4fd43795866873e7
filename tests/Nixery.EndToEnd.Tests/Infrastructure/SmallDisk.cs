using System.Globalization;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A file system of a few megabytes, in memory, that can be filled and made read-only. It needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Filler => Path.Combine(_folder, "filler");

    public static async Task<SmallDisk> MountAsync(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        (await Programs.RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", folder)).Succeeded();
        return new SmallDisk(folder);
    }

    /// <summary>To the last byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var piece = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(piece);
            }
        }
        catch (IOException)
        {
            // That is what was wanted.
        }
    }

    /// <summary>But for so many bytes.</summary>
    public void Fill(long leaveBytes)
    {
        Fill();
        using var file = new FileStream(Filler, FileMode.Open, FileAccess.Write, FileShare.None);
        file.SetLength(file.Length - leaveBytes);
    }

    public void Free() => File.Delete(Filler);

    public async Task RemountAsync(bool readOnly) =>
        (await Programs.RunAsync("mount", "-o", readOnly ? "remount,ro" : "remount,rw", _folder)).Succeeded();

    public async ValueTask DisposeAsync() => (await Programs.RunAsync("umount", "--lazy", _folder)).Succeeded();
}
