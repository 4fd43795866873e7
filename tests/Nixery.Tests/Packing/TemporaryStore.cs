using Nixery.Closures;
using Nixery.Packing;

namespace Nixery.Tests.Packing;

/// <summary>A folder that stands for <c>/nix/store</c>; gone with its disposal.</summary>
internal sealed class TemporaryStore : IDisposable
{
    public static readonly StorePath Tool = StorePath.Parse("/nix/store/0123456789abcdfghijklmnpqrsvwxyz-tool-1.0");

    public string Folder { get; } = Directory.CreateTempSubdirectory("nixery-store-").FullName;

    public StoreTreeReader Reader => new(Folder);

    public StorePathTar Tar(params StorePath[] paths) => new(Reader, paths.Length == 0 ? [Tool] : paths);

    public byte[] TarBytes(params StorePath[] paths)
    {
        using var bytes = new MemoryStream();
        Tar(paths).WriteTo(bytes, CancellationToken.None);
        return bytes.ToArray();
    }

    public string At(string path) => Path.Combine(Folder, Tool.BaseName, path);

    public void File(string path, string text = "", bool executable = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        System.IO.File.WriteAllText(At(path), text);
        if (executable && !OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(At(path), (UnixFileMode)0b111_101_101);
        }
    }

    public void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        System.IO.File.CreateSymbolicLink(At(path), target);
    }

    /// <summary>What .NET cannot delete: it has no name for it.</summary>
    public Task RemoveAsync() => Packing.Tool.RunAsync("rm", "-rf", At(""));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
