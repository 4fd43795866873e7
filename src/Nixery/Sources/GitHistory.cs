using Nixery.Storage;

namespace Nixery.Sources;

/// <summary>
/// Which commits a repository has: a bare clone of its branches and tags, where the remote can do it without their files. What is
/// in it was reachable from a reference of this very repository, so that a commit of a fork that shares its objects is not. Several
/// processes may share the folder; one at a time fetches.
/// </summary>
internal sealed class GitHistory(GitCommand git, string folder)
{
    /// <summary>A first fetch of nixpkgs has a million commits.</summary>
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan LocalTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Null when no commit, or more than one, begins so.</summary>
    public async Task<string?> FindAsync(string prefix, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(folder, "HEAD")))
        {
            return null;
        }

        var found = await git.AskLocalAsync(["--git-dir", folder, "rev-parse", "--verify", "--quiet", $"{prefix}^{{commit}}"], LocalTimeout, cancellationToken);

        // A name of an annotated tag's own object leads to another commit: that is not what was asked for.
        return found?.Trim() is { } commit && CommitText.IsCommit(commit) && commit.StartsWith(prefix, StringComparison.Ordinal) ? commit : null;
    }

    /// <summary>False when it could not be fetched.</summary>
    public async Task<bool> FetchAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        using var turn = await TakeTurnAsync(time, cancellationToken);
        if (!File.Exists(Path.Combine(folder, "HEAD"))
            && await git.AskLocalAsync(["init", "--quiet", "--bare", "--", folder], LocalTimeout, cancellationToken) is null)
        {
            return false;
        }

        // Left by a process that was killed; nobody else is in here now.
        foreach (var left in Directory.EnumerateFiles(folder, "*.lock", SearchOption.AllDirectories))
        {
            File.Delete(left);
        }

        // The references are stored where no short commit can be taken for one of them. Commits stay when their branch is gone.
        return await git.AskRemoteAsync(
            [
                "--git-dir", folder, "-c", "gc.autoDetach=false", "-c", "gc.pruneExpire=never",
                "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head", "--filter=tree:0", GitCommand.Remote,
                "+refs/heads/*:refs/nixery/heads/*", "+refs/tags/*:refs/nixery/tags/*",
            ],
            FetchTimeout,
            cancellationToken) is not null;
    }

    private async Task<FileStream> TakeTurnAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (ClaimedFolder.TryLock(folder + ".lock", FileMode.OpenOrCreate) is { } turn)
            {
                return turn;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
        }
    }
}
