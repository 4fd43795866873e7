using System.Net;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Tests.Sources;

public sealed class ChannelPinnerTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [Fact]
    public async Task A_channel_is_pinned_at_the_commit_that_its_address_tells()
    {
        var asked = new List<Uri?>();
        var pinner = Pinner("nixos-unstable", request =>
        {
            asked.Add(request.RequestUri);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Commit + "\n") };
        });

        var outcome = await pinner.PinAsync(Tag.Latest, CancellationToken.None);

        asked.Should().Equal(new Uri("http://channels.test/nixos-unstable/git-revision"));
        outcome.Should().BeOfType<PinOutcome.Pinned>().Which.Source
            .Should().Be(new PinnedSource.Tarball(new Uri($"http://tarballs.test/{Commit}.tar.gz"), Commit));
    }

    [Theory]
    [InlineData("text/plain; charset=windows-1252")]
    [InlineData("text/plain; charset=utf8")]
    public async Task Whatever_character_set_the_answer_says_it_has(string type)
    {
        var content = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(Commit));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = content };

        (await Pinner("nixos-unstable", _ => answer).PinAsync(Tag.Latest, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>()
            .Which.Source.Revision.Should().Be(Commit);
    }

    [Fact]
    public async Task A_commit_is_its_own_pin()
    {
        var pinner = Pinner(Commit, _ => throw new InvalidOperationException("nothing to ask"));

        (await pinner.PinAsync(Tag.Latest, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>()
            .Which.Source.Revision.Should().Be(Commit);
    }

    [Fact]
    public async Task A_channel_that_does_not_answer_is_unavailable()
    {
        var missing = Pinner("nope", _ => new HttpResponseMessage(HttpStatusCode.NotFound));
        var nonsense = Pinner("page", _ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>") });
        var down = Pinner("down", _ => throw new HttpRequestException("refused"));
        var slow = Pinner("slow", _ => throw new TaskCanceledException("timeout"));

        (await ExplanationOf(missing)).Should().Contain("nope").And.Contain("404");
        (await ExplanationOf(nonsense)).Should().Contain("page");
        (await ExplanationOf(down)).Should().Contain("no connection");
        (await ExplanationOf(slow)).Should().Contain("no answer in time");
    }

    [Fact]
    public async Task The_tags_of_a_channel_are_its_name_and_those_that_are_allowed_by_name()
    {
        var pinner = new ChannelPinner(
            new SourceOptions { Channel = "nixos-unstable", AllowedTags = ["nixos-25.11", "nixos-*-small", SourceOptions.AnyCommit] }, new HttpClient(), TimeProvider.System);

        // What a pattern allows is a tag as well, but not one that can be listed: '*' is in no tag.
        (await pinner.FindTagsAsync(CancellationToken.None))!.Select(t => t.Text).Should().BeEquivalentTo("nixos-unstable", "nixos-25.11");
    }

    [Fact]
    public void Two_sources_at_once_are_a_conflict_that_names_both()
    {
        new SourceOptions { Channel = "a", Path = "/b" }.FindConflict().Should().Contain("NIXERY_CHANNEL").And.Contain("NIXERY_PKGS_PATH");
        new SourceOptions().FindConflict().Should().BeNull();
    }

    private static async Task<string> ExplanationOf(ChannelPinner pinner) =>
        (await pinner.PinAsync(Tag.Latest, CancellationToken.None)).Should().BeOfType<PinOutcome.Unavailable>().Which.Explanation;

    private static ChannelPinner Pinner(string channel, Func<HttpRequestMessage, HttpResponseMessage> answer) => new(
        new SourceOptions { Channel = channel, ChannelsAddress = new("http://channels.test/"), TarballsAddress = new("http://tarballs.test") },
        new HttpClient(new Answering(answer)),
        new ManualTime());

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }
}
