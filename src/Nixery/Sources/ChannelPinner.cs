using System.IO.Enumeration;
using System.Net;
using Nixery.Images;

namespace Nixery.Sources;

/// <summary>
/// Pins a nixpkgs channel by the revision that its address tells, or a commit by itself. Other channels and commits are had
/// where the allow-list has them.
/// </summary>
internal sealed class ChannelPinner(SourceOptions options, HttpClient http, TimeProvider time) : IRemotePinner, IDisposable
{
    /// <summary>A revision has 40 characters; what is so much longer is a page.</summary>
    public const int MaxAnswerBytes = 4096;

    /// <summary>Clients that ask for many commits at once do not flood the host.</summary>
    private const int MostChecks = 4;

    private readonly SemaphoreSlim _checks = new(MostChecks);
    private readonly string _channel = options.Channel ?? SourceOptions.DefaultChannel;

    public string Identity => $"channel {_channel} {Below(options.ChannelsAddress, "")} {Below(options.TarballsAddress, "")}";

    public void Dispose() => _checks.Dispose();

    public PinnedSource At(string commit) => new PinnedSource.Tarball(TarballOf(commit), commit);

    public Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken)
    {
        var name = tag == Tag.Latest ? _channel : tag.Text;
        return (CommitText.IsCommit(name), name == _channel) switch
        {
            (true, true) => Task.FromResult<PinOutcome>(new PinOutcome.Pinned(At(name))),
            (true, _) when options.AllowedTags.Contains(SourceOptions.AnyCommit) => CheckAsync(name, cancellationToken),
            (false, true) => LookUpAsync(name, cancellationToken),
            (false, _) when AllowsChannel(name) => LookUpAsync(name, cancellationToken),
            _ => Task.FromResult<PinOutcome>(new PinOutcome.UnknownTag(NotAllowed(name))),
        };
    }

    /// <summary>Those that are allowed by name; what a pattern allows nobody can list.</summary>
    public Task<IReadOnlyList<Tag>?> FindTagsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Tag>?>(
    [
        .. options.AllowedTags.Where(t => t != SourceOptions.AnyCommit).Prepend(_channel)
            .Select(name => Tag.TryParse(name, out var tag) ? tag : null).OfType<Tag>().Distinct(),
    ]);

    private bool AllowsChannel(string name) => options.AllowedTags
        .Any(pattern => pattern != SourceOptions.AnyCommit && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));

    private string NotAllowed(string name)
    {
        string[] others = [.. options.AllowedTags.Select(t => t == SourceOptions.AnyCommit ? "commits of nixpkgs" : t)];
        return $"the packages of this registry come from the channel {_channel}, under the tag 'latest'; '{name}' is unknown"
            + (others.Length == 0 ? "" : $"; tags may also be: {string.Join(", ", others)}");
    }

    private async Task<PinOutcome> LookUpAsync(string channel, CancellationToken cancellationToken)
    {
        var (status, answer, trouble) = await AskAsync(HttpMethod.Get, Below(options.ChannelsAddress, $"{Uri.EscapeDataString(channel)}/git-revision"), cancellationToken);
        return (status, trouble) switch
        {
            (_, not null) => new PinOutcome.Unavailable($"the revision of the channel {channel} cannot be looked up ({trouble})"),
            (HttpStatusCode.NotFound, _) when channel != _channel => new PinOutcome.UnknownTag($"there is no channel '{channel}'"),
            (HttpStatusCode.OK, _) when CommitText.IsCommit(answer) => new PinOutcome.Pinned(At(answer)),
            (HttpStatusCode.OK, _) => new PinOutcome.Unavailable($"the channel {channel} did not answer with a revision"),
            _ => new PinOutcome.Unavailable($"the revision of the channel {channel} cannot be looked up (HTTP {(int)status})"),
        };
    }

    /// <summary>A commit that nobody has is refused here, and not handed to Nix.</summary>
    private async Task<PinOutcome> CheckAsync(string commit, CancellationToken cancellationToken)
    {
        await _checks.WaitAsync(cancellationToken);
        try
        {
            return CheckedAs(commit, await AskAsync(HttpMethod.Head, TarballOf(commit), cancellationToken));
        }
        finally
        {
            _checks.Release();
        }
    }

    private PinOutcome CheckedAs(string commit, (HttpStatusCode Status, string Answer, string? Trouble) reply)
    {
        var (status, _, trouble) = reply;
        return (status, trouble) switch
        {
            (_, not null) => new PinOutcome.Unavailable($"whether nixpkgs has the commit {commit} cannot be looked up ({trouble})"),
            (HttpStatusCode.OK or HttpStatusCode.MethodNotAllowed, _) => new PinOutcome.Pinned(At(commit)),
            (HttpStatusCode.NotFound or HttpStatusCode.Gone, _) => new PinOutcome.UnknownTag($"nixpkgs has no commit {commit}"),
            _ => new PinOutcome.Unavailable($"whether nixpkgs has the commit {commit} cannot be looked up (HTTP {(int)status})"),
        };
    }

    private async Task<(HttpStatusCode Status, string Answer, string? Trouble)> AskAsync(HttpMethod method, Uri address, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.LookUpTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(method, address);
            using var response = await http.SendAsync(request, either.Token);
            return (response.StatusCode, (await response.Content.ReadUtf8Async(either.Token)).Trim(), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (default, "", e is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.ConfigurationLimitExceeded }
                ? "a broken answer"
                : "no connection");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (default, "", "no answer in time");
        }
    }

    private Uri TarballOf(string commit) => Below(options.TarballsAddress, $"{commit}.tar.gz");

    private static Uri Below(Uri address, string name) =>
        new(address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/"), name);
}
