using System.Text.RegularExpressions;
using Nixery.Images;

namespace Nixery.Sources;

/// <summary>Pins a nixpkgs channel by the revision that its address tells, or a commit by itself.</summary>
internal sealed partial class ChannelPinner(string channel, SourceOptions options, HttpClient http) : ISourcePinner
{
    public async Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken)
    {
        if (tag != Tag.Latest)
        {
            return new PinOutcome.UnknownTag($"the packages of this registry come from the channel {channel}, under the tag 'latest'; '{tag}' is unknown");
        }

        return Commit().IsMatch(channel) ? Pinned(channel) : await LookUpAsync(cancellationToken);
    }

    private async Task<PinOutcome> LookUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            var address = new Uri(options.ChannelsAddress, $"{Uri.EscapeDataString(channel)}/git-revision");
            var revision = (await http.GetStringAsync(address, cancellationToken)).Trim();
            return Commit().IsMatch(revision)
                ? Pinned(revision)
                : new PinOutcome.Unavailable($"the channel {channel} did not answer with a revision");
        }
        catch (HttpRequestException e)
        {
            var why = e.StatusCode is { } status ? $"HTTP {(int)status}" : "no connection";
            return new PinOutcome.Unavailable($"the revision of the channel {channel} cannot be looked up ({why})");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PinOutcome.Unavailable($"the revision of the channel {channel} cannot be looked up (no answer in time)");
        }
    }

    private PinOutcome.Pinned Pinned(string commit) =>
        new(new PinnedSource.Tarball(new Uri(options.TarballsAddress, $"{commit}.tar.gz"), commit));

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex Commit();
}
