using System.Reflection;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class RevisionTests : IDisposable
{
    private const int Limit = 60_000;

    private readonly TemporaryFolder _folder = new();

    private string Tree => Path.Combine(_folder.Path, "tree");

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task The_revision_counts_commits_along_first_parents_and_says_what_is_changed()
    {
        await MakeAsync();

        var clean = await RevisionAsync(Tree);
        await File.AppendAllTextAsync(Path.Combine(Tree, "file"), "changed");
        var changed = await RevisionAsync(Tree);

        clean.Should().MatchRegex("^3-[0-9a-f]{12}$", "a merge is one commit, whatever it has merged");
        changed.Should().Be(clean + "-changed");
    }

    [Fact(Timeout = Limit)]
    public async Task A_shallow_clone_cannot_count_and_says_so()
    {
        await MakeAsync();
        var shallow = Path.Combine(_folder.Path, "shallow");
        await GitAsync(_folder.Path, "clone", "-q", "--depth", "1", $"file://{Tree}", shallow);

        (await RevisionAsync(shallow)).Should().MatchRegex("^unknown-[0-9a-f]{12}$");
    }

    [Fact(Timeout = Limit)]
    public async Task Where_there_is_no_git_it_is_what_the_builder_says_or_unknown()
    {
        await MakeAsync();
        // As an archive that was unpacked within a checkout of something else.
        var archive = Path.Combine(Tree, "archive");
        CopyScript(archive);

        (await RevisionAsync(archive)).Should().Be("unknown");
        (await RevisionAsync(archive, "61-5656ae6f1c2d")).Should().Be("61-5656ae6f1c2d");
    }

    [Fact(Timeout = Limit)]
    public async Task The_executable_says_the_revision_that_it_was_built_from()
    {
        var said = (await RunningServer.RunVerbAsync(_folder.Path, "--version")).Succeeded().Output.Trim();

        said.Should().MatchRegex("^([0-9]+|unknown)-[0-9a-f]{7,40}(-changed)?$|^unknown$");
    }

    private async Task MakeAsync()
    {
        CopyScript(Tree);
        await GitAsync(Tree, "init", "-q", "-b", "main");
        await CommitAsync("first");
        await GitAsync(Tree, "switch", "-q", "-c", "side");
        await CommitAsync("second");
        await CommitAsync("third");
        await GitAsync(Tree, "switch", "-q", "main");
        await CommitAsync("fourth");
        await GitAsync(Tree, "merge", "-q", "--no-ff", "-m", "merge", "-X", "ours", "side");
    }

    private async Task CommitAsync(string content)
    {
        await File.WriteAllTextAsync(Path.Combine(Tree, "file"), content);
        await GitAsync(Tree, "add", ".");
        await GitAsync(Tree, "commit", "-q", "-m", content);
    }

    private static void CopyScript(string tree)
    {
        var tests = typeof(RevisionTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "TestsFolder").Value!;
        Directory.CreateDirectory(Path.Combine(tree, "scripts"));
        File.Copy(Path.Combine(tests, "..", "scripts", "revision"), Path.Combine(tree, "scripts", "revision"));
    }

    private static async Task<string> RevisionAsync(string tree, string? told = null) => (await Programs.RunInAsync(
        new Dictionary<string, string?> { ["NIXERY_REVISION"] = told }, "bash", Path.Combine(tree, "scripts", "revision"))).Succeeded().Output.Trim();

    private static async Task GitAsync(string folder, params string[] arguments) => (await Programs.RunAsync(
        "git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", .. arguments])).Succeeded();
}
