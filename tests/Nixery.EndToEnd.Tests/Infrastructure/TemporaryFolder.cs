namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A folder of a test's own, removed with what is in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("nixery-e2e-").FullName;

    public string Inner(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(Inner(name), content);
        return Inner(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
