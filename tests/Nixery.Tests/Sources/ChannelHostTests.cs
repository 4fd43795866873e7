using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Tests.Sources;

public sealed class ChannelHostTests : IAsyncLifetime, IDisposable
{
    private const int Limit = 60_000;
    private static readonly string Commit = new('c', 40);
    private static readonly string Later = new('d', 40);

    private readonly ManualTime _time = new();
    private readonly MemoryRecords _records = new();
    private readonly ChannelHost _host = new();
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = ChannelPinner.MaxAnswerBytes };
    private readonly List<PinBook> _books = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose()
    {
        _books.ForEach(b => b.Dispose());
        _http.Dispose();
    }

    [Fact(Timeout = Limit)]
    public async Task A_channel_is_followed_where_its_host_sends_us()
    {
        _host.Answer = asked => asked == "GET /moved" ? ChannelHost.Says("200 OK", Commit + "\n") : ChannelHost.Redirects(new Uri(_host.Address, "moved"));

        (await Book().PinAsync(Tag.Latest, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source
            .Should().Be(new PinnedSource.Tarball(new Uri(_host.Address, $"tarballs/{Commit}.tar.gz"), Commit));
        _host.Asked.Should().Equal("GET /channels/nixos-unstable/git-revision", "GET /moved");
    }

    [Theory(Timeout = Limit)]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "HTTP 502")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "HTTP 404")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 41\r\nConnection: close\r\n\r\ncccc", "a broken answer")]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ncccccccccccc", "did not answer with a revision")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "did not answer with a revision")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", "a broken answer")]
    [InlineData("nonsense", "a broken answer")]
    public async Task The_old_pin_serves_whatever_the_host_says_instead(string answer, string problem)
    {
        _host.Answer = _ => ChannelHost.Says("200 OK", Commit);
        var book = Book();
        await book.PinAsync(Tag.Latest, CancellationToken.None);
        _host.Answer = _ => answer;
        _time.Advance(TimeSpan.FromMinutes(6));

        (await RevisionAsync(book)).Should().Be(Commit);
        book.Status().Single().Failure!.Explanation.Should().Contain(problem).And.Contain("nixos-unstable");

        // Nothing broken is remembered.
        _host.Answer = _ => ChannelHost.Says("200 OK", Later);
        _time.Advance(TimeSpan.FromMinutes(6));
        (await RevisionAsync(book)).Should().Be(Later);
        (await RevisionAsync(Book())).Should().Be(Later);
    }

    [Fact(Timeout = Limit)]
    public async Task The_old_pin_serves_when_the_host_does_not_answer_in_time()
    {
        _host.Answer = _ => ChannelHost.Says("200 OK", Commit);
        var book = Book();
        await book.PinAsync(Tag.Latest, CancellationToken.None);
        _host.Answer = _ => null;
        _time.Advance(TimeSpan.FromMinutes(6));

        var waiting = book.PinAsync(Tag.Latest, CancellationToken.None);
        await _host.Silent.WaitAsync();
        _time.Advance(TimeSpan.FromSeconds(10));

        (await waiting).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision.Should().Be(Commit);
        book.Status().Single().Failure!.Explanation.Should().Contain("no answer in time");
    }

    [Fact(Timeout = Limit)]
    public async Task The_old_pin_serves_when_the_host_is_down_even_after_a_restart()
    {
        _host.Answer = _ => ChannelHost.Says("200 OK", Commit);
        var down = new Uri($"http://127.0.0.1:{FreePort()}/");
        await Book().PinAsync(Tag.Latest, CancellationToken.None);
        await _host.DisposeAsync();

        (await RevisionAsync(Book())).Should().Be(Commit);
        (await Book(new SourceOptions { ChannelsAddress = down }).PinAsync(Tag.Latest, CancellationToken.None))
            .Should().BeOfType<PinOutcome.Unavailable>().Which.Explanation.Should().Contain("no connection");
    }

    [Fact(Timeout = Limit)]
    public async Task Other_channels_and_commits_are_had_where_the_list_has_them()
    {
        var gone = new string('e', 40);
        _host.Answer = asked => asked switch
        {
            "GET /channels/nixos-25.11/git-revision" => ChannelHost.Says("200 OK", Later),
            _ when asked.Contains(gone, StringComparison.Ordinal) => ChannelHost.Says("404 Not Found", ""),
            _ when asked.StartsWith("HEAD /tarballs/", StringComparison.Ordinal) => ChannelHost.Says("200 OK", ""),
            "GET /channels/nixos-unstable/git-revision" => ChannelHost.Says("200 OK", Commit),
            _ => ChannelHost.Says("404 Not Found", ""),
        };
        var open = Book(Options() with { AllowedTags = ["nixos-*", SourceOptions.AnyCommit] });
        var closed = Book(Options() with { Channel = "nixos-unstable" });

        (await RevisionAsync(open, "nixos-25.11")).Should().Be(Later);
        (await RevisionAsync(open, "nixos-unstable")).Should().Be(Commit);
        (await RevisionAsync(open, new string('f', 40))).Should().Be(new string('f', 40));
        (await open.PinAsync(Tag.Parse("nixos-99.99"), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();
        (await open.PinAsync(Tag.Parse(gone), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();
        var before = _host.Asked.Count;
        (await open.PinAsync(Tag.Parse("other-25.11"), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>()
            .Which.Explanation.Should().Contain("nixos-*").And.Contain("commits of nixpkgs");
        (await open.PinAsync(Tag.Parse("commits"), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();

        _records.IsBroken = true;
        (await closed.PinAsync(Tag.Parse("nixos-25.11"), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();
        (await closed.PinAsync(Tag.Parse(new string('a', 40)), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();
        _host.Asked.Count.Should().Be(before);
    }

    [Fact(Timeout = Limit)]
    public async Task What_latest_was_can_be_asked_for_by_its_commit_though_commits_are_not_allowed()
    {
        _host.Answer = _ => ChannelHost.Says("200 OK", Commit);
        var book = Book();
        await book.PinAsync(Tag.Latest, CancellationToken.None);

        (await RevisionAsync(book, Commit)).Should().Be(Commit);
        (await book.PinAsync(Tag.Parse(Later), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();
    }

    private static async Task<string> RevisionAsync(PinBook book, string tag = "latest") =>
        (await book.PinAsync(Tag.Parse(tag), CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision;

    private static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private SourceOptions Options() => new()
    {
        ChannelsAddress = new Uri(_host.Address, "channels"),
        TarballsAddress = new Uri(_host.Address, "tarballs"),
    };

    private PinBook Book() => Book(Options());

    private PinBook Book(SourceOptions options)
    {
        var source = new ChannelPinner(options, _http, _time);
        var pins = new PinRecords(_records, source, NullLogger<PinRecords>.Instance);
        var book = new PinBook(source, options, pins, new PinTrial(options, pins, (_, _, _) => Task.FromResult<string?>(null)), _time, NullLogger<PinBook>.Instance);
        _books.Add(book);
        return book;
    }
}
