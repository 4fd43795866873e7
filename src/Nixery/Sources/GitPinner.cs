using Nixery.Building.Nix;
using Nixery.Images;
using Nixery.Storage;

namespace Nixery.Sources;

/// <summary>
/// Pins a git repository at the commit that a tag means there: <c>latest</c> the remote's HEAD, 40 hex digits that commit and
/// nothing else, otherwise a tag, else a branch, else the one commit that begins so. Uses the user's own git and SSH set-up.
/// </summary>
internal sealed class GitPinner : IRemotePinner, IDisposable
{
    /// <summary>Tags that are asked for in a burst share one look at the references.</summary>
    private static readonly TimeSpan ShareFor = TimeSpan.FromSeconds(2);

    private static readonly PinOutcome.Unavailable CannotBeAsked = new(
        "the repository of this registry's packages cannot be asked for its branches and tags; the registry's log has git's words");

    private readonly string _repository;
    private readonly SourceOptions _options;
    private readonly TimeProvider _time;
    private readonly GitCommand _git;
    private readonly GitHistory _history;
    private readonly SemaphoreSlim _asking = new(1);
    private readonly SemaphoreSlim _fetching = new(1);
    private (long At, GitReferences? References)? _looked;
    private (long At, GitReferences References, bool Succeeded)? _fetched;

    public GitPinner(string repository, SourceOptions options, NixProcess process, TimeProvider time)
    {
        _repository = repository;
        _options = options;
        _time = time;
        _git = new GitCommand(repository, process);
        // Another user of the same host may mean another repository, and the password is no part of which it is: so the whole is hashed.
        Identity = $"git {RecordKey.Of("repository", repository).Hex}";
        _history = new GitHistory(_git, Path.Combine(Path.GetFullPath(options.StatePath), RecordKey.Of("history", Identity).Hex));
    }

    public string Identity { get; }

    public PinnedSource At(string commit) => new PinnedSource.Git(_repository, commit);

    public void Dispose()
    {
        _asking.Dispose();
        _fetching.Dispose();
        _git.Dispose();
    }

    public async Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken)
    {
        var isWhole = CommitText.IsCommit(tag.Text);
        if (isWhole && await _history.FindAsync(tag.Text, cancellationToken) is { } known)
        {
            return new PinOutcome.Pinned(At(known));
        }

        if (await FindReferencesAsync(cancellationToken) is not { } references)
        {
            return CannotBeAsked;
        }

        var named = tag == Tag.Latest ? references.Head : isWhole ? null : references.Find(tag.Text);
        return named is not null ? new PinOutcome.Pinned(At(named))
            : CommitText.IsPrefix(tag.Text) ? await PinCommitAsync(tag.Text, references, cancellationToken)
            : new PinOutcome.UnknownTag(tag == Tag.Latest
                ? "the repository of this registry's packages has no HEAD yet: it is empty"
                : $"the repository of this registry's packages has no tag or branch '{tag}'");
    }

    public async Task<IReadOnlyList<Tag>?> FindTagsAsync(CancellationToken cancellationToken) =>
        await FindReferencesAsync(cancellationToken) is { } references ? [.. references.Tags()] : null;

    private async Task<PinOutcome> PinCommitAsync(string prefix, GitReferences references, CancellationToken cancellationToken)
    {
        var atReferences = references.WithPrefix(prefix);
        if (atReferences.Count == 1)
        {
            return new PinOutcome.Pinned(At(atReferences[0]));
        }

        if (await _history.FindAsync(prefix, cancellationToken) is { } known)
        {
            return new PinOutcome.Pinned(At(known));
        }

        if (!await RefreshHistoryAsync(references, cancellationToken))
        {
            return CannotBeAsked;
        }

        return await _history.FindAsync(prefix, cancellationToken) is { } found
            ? new PinOutcome.Pinned(At(found))
            : new PinOutcome.UnknownTag(
                $"the repository of this registry's packages has no tag, branch or commit '{prefix}', or several commits that begin so");
    }

    /// <summary>
    /// Fetches where that can bring anything: not when the references are what they were at the last fetch, and never twice within
    /// the time that a pin is believed, or clients that ask for commits that nobody has would keep us fetching.
    /// </summary>
    private async Task<bool> RefreshHistoryAsync(GitReferences references, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_fetched is { } last && IsEnough(last, references))
            {
                return last.Succeeded;
            }

            var succeeded = await _history.FetchAsync(_time, cancellationToken);
            _fetched = (_time.GetTimestamp(), references, succeeded);
            return succeeded;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private bool IsEnough((long At, GitReferences References, bool Succeeded) last, GitReferences now)
    {
        var age = _time.GetElapsedTime(last.At);
        return last.Succeeded ? last.References.Text == now.Text || age < _options.PinFor : age < _options.UnknownFor;
    }

    /// <summary>Null when the remote cannot be asked.</summary>
    private async Task<GitReferences?> FindReferencesAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            if (_looked is not { } last || _time.GetElapsedTime(last.At) >= ShareFor)
            {
                var text = await _git.AskRemoteAsync(GitReferences.Command, _options.LookUpTimeout, cancellationToken);
                _looked = last = (_time.GetTimestamp(), text is null ? null : new GitReferences(text));
            }

            return last.References;
        }
        finally
        {
            _asking.Release();
        }
    }
}
