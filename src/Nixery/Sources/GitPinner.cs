using System.Text.RegularExpressions;
using Nixery.Building.Nix;
using Nixery.Images;

namespace Nixery.Sources;

/// <summary>
/// Pins a git repository at the commit that a tag means there: <c>latest</c> the remote's HEAD, else a tag, else a branch,
/// else a full commit. Uses the user's own git and SSH set-up.
/// </summary>
internal sealed partial class GitPinner(string repository, NixProcess process) : ISourcePinner
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Nobody is there to type a password or to accept a host key.</summary>
    private static readonly Dictionary<string, string> Unattended = new()
    {
        ["GIT_TERMINAL_PROMPT"] = "0",
        ["GIT_SSH_COMMAND"] = Environment.GetEnvironmentVariable("GIT_SSH_COMMAND") ?? "ssh -o BatchMode=yes",
    };

    public async Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken)
    {
        if (Commit().IsMatch(tag.Text))
        {
            return Pinned(tag.Text);
        }

        // A peeled tag names the commit behind an annotated one. The best match is first.
        string[] names = tag == Tag.Latest
            ? ["HEAD"]
            : [$"refs/tags/{tag}^{{}}", $"refs/tags/{tag}", $"refs/heads/{tag}"];
        var command = new ProcessCommand("git", ["ls-remote", "--", repository, .. names], Unattended);
        var outcome = await process.RunAsync(command, Timeout, cancellationToken);
        return outcome is ProcessOutcome.Exited { ExitCode: 0, Output: var listing }
            ? Find(listing, names) is { } commit
                ? Pinned(commit)
                : new PinOutcome.UnknownTag($"the repository of this registry's packages has no tag or branch '{tag}'")
            : new PinOutcome.Unavailable("the repository of this registry's packages cannot be asked for its branches and tags; the registry's log has git's words");
    }

    /// <param name="listing">Lines of commit, tabulator, name.</param>
    private static string? Find(string listing, string[] names)
    {
        var commits = listing.Split('\n').Select(l => l.Split('\t')).Where(l => l.Length == 2 && Commit().IsMatch(l[0]))
            .ToLookup(l => l[1], l => l[0]);
        return names.Select(n => commits[n].FirstOrDefault()).FirstOrDefault(c => c is not null);
    }

    private PinOutcome.Pinned Pinned(string commit) => new(new PinnedSource.Git(repository, commit));

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Commit();
}
