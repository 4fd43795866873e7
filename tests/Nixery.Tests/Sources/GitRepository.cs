using Nixery.Tests.Packing;

namespace Nixery.Tests.Sources;

/// <summary>A real git repository in a folder of the test's own, asked over <c>file://</c>.</summary>
internal sealed class GitRepository : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string Address => $"file://{Path}";

    public string Path => System.IO.Path.Combine(_folder.Path, "repository");

    public static async Task<GitRepository> CreateAsync()
    {
        var repository = new GitRepository();
        await Tool.RunAsync("git", "init", "--quiet", "--initial-branch=main", repository.Path);
        return repository;
    }

    public async Task<string> GitAsync(params string[] arguments) => (await Tool.RunAsync(
        "git", ["-C", Path, "-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "advice.detachedHead=false", .. arguments])).Trim();

    /// <returns>The new commit of the branch that is checked out.</returns>
    public async Task<string> CommitAsync(string file = "default.nix", string content = "{ }")
    {
        await File.WriteAllTextAsync(System.IO.Path.Combine(Path, file), content);
        await GitAsync("add", file);
        await GitAsync("commit", "--quiet", "--allow-empty", "--message", Guid.NewGuid().ToString("N"));
        return await GitAsync("rev-parse", "HEAD");
    }

    public async Task<string> BranchAsync(string name)
    {
        await GitAsync("checkout", "--quiet", "-b", name);
        var commit = await CommitAsync();
        await GitAsync("checkout", "--quiet", "main");
        return commit;
    }

    /// <summary>As a host that is gone; <see cref="Restore"/> brings it back.</summary>
    public void Hide() => Directory.Move(Path, Path + ".hidden");

    public void Restore() => Directory.Move(Path + ".hidden", Path);

    public void Dispose() => _folder.Dispose();
}
