namespace Nixery.EndToEnd.Infrastructure;

/// <summary>buildah with storage of its own, of the kind that needs no rights: each layer is a full copy of those below it.</summary>
public sealed class BuildahStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    internal Task<Ran> PullAsync(string reference) => RunAsync("pull", "--tls-verify=false", reference);

    internal Task<Ran> RunAsync(params IEnumerable<string> arguments) => Programs.RunAsync(
        "buildah", ["--root", _folder.Inner("root"), "--runroot", _folder.Inner("run"), "--storage-driver=vfs", .. arguments]);
}
