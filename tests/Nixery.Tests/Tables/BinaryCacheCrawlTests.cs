using System.Collections.Concurrent;
using Nixery.Closures;
using Nixery.Layers;
using Nixery.Tables;
using Nixery.Tests.Sources;

namespace Nixery.Tests.Tables;

/// <summary>Against a small binary cache on this machine.</summary>
public sealed class BinaryCacheCrawlTests : IDisposable
{
    private static readonly StorePath Libc = Path('1', "glibc-2.38"), Zlib = Path('2', "zlib-1.2"), Git = Path('3', "git-2.39"), Gone = Path('4', "gone-1.0");

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = BinaryCache.MaxNarInfoBytes };
    private readonly ManualTime _time = new();
    private readonly Dictionary<string, string> _infos = new()
    {
        [NameOf(Libc)] = Info(Libc, 30_000_000, Libc),
        [NameOf(Zlib)] = Info(Zlib, 200_000, Libc),
        [NameOf(Git)] = Info(Git, 5_000_000, Zlib, Libc, Gone),
    };

    private string Journal => System.IO.Path.Combine(_folder.Path, "journal");

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact(Timeout = 30_000)]
    public async Task A_list_and_the_files_of_a_cache_make_a_table_of_all_that_is_referred_to()
    {
        await using var host = Host();
        var crawl = new BinaryCacheCrawl(_http, _time);
        var list = await crawl.ReadListAsync(_folder.File("store-paths", $"{Git}\n"), CancellationToken.None);

        var nodes = await ReadAsync(crawl, list, host.Address);

        nodes.Select(n => (n.Path, n.NarSizeBytes)).Should().BeEquivalentTo([(Git, 5_000_000L), (Zlib, 200_000L), (Libc, 30_000_000L)]);
        var table = BinaryCacheCrawl.TableOf(nodes, list, new LayerOptions());
        table.Records.ToDictionary(r => r.Key, r => r.Value.Host).Should().BeEquivalentTo(new Dictionary<StorePath, StorePath?> { [Libc] = null, [Zlib] = Git, [Git] = null });
    }

    [Fact(Timeout = 30_000)]
    public async Task A_crawl_that_was_interrupted_asks_only_for_what_it_does_not_know()
    {
        await using var host = Host();
        var crawl = new BinaryCacheCrawl(_http, _time);
        await ReadAsync(crawl, [Zlib], host.Address);
        // The last line was cut by the interruption.
        await File.AppendAllTextAsync(Journal, "{\"Path\":\"/nix/sto");
        host.Asked.Clear();

        var nodes = await ReadAsync(crawl, [Git], host.Address);

        nodes.Should().HaveCount(3);
        host.Asked.Should().BeEquivalentTo([$"GET /{NameOf(Git)}", $"GET /{NameOf(Gone)}"]);
        (await File.ReadAllLinesAsync(Journal)).Should().HaveCount(4, "a head and what is there")
            .And.Subject.Skip(1).Should().OnlyContain(l => l.EndsWith('}'));
    }

    [Fact(Timeout = 30_000)]
    public async Task What_one_cache_does_not_have_another_one_is_asked_for()
    {
        await using var wrong = new ChannelHost();
        await using var host = Host();
        var crawl = new BinaryCacheCrawl(_http, _time);
        (await ReadAsync(crawl, [Git], wrong.Address)).Should().BeEmpty();

        (await ReadAsync(crawl, [Git], host.Address)).Should().HaveCount(3);

        // What was missing may have come; what another cache has said does not count.
        _infos[NameOf(Gone)] = Info(Gone, 1);
        (await ReadAsync(crawl, [Git], host.Address)).Should().HaveCount(4);
        (await ReadAsync(crawl, [Git], wrong.Address)).Should().BeEmpty();
    }

    [Fact(Timeout = 30_000)]
    public async Task What_passes_is_tried_again()
    {
        var answers = 0;
        await using var host = Host();
        var usual = host.Answer;
        host.Answer = asked => Interlocked.Increment(ref answers) == 1 ? ChannelHost.Says("503 Busy", "") : usual(asked);

        // A second of real time passes before it asks again.
        var nodes = await ReadAsync(new BinaryCacheCrawl(_http, TimeProvider.System), [Libc], host.Address);

        nodes.Should().ContainSingle(n => n.Path == Libc);
        answers.Should().Be(2);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("StorePath: /nix/store/5", "cannot be read")]
    [InlineData("hello", "cannot be read")]
    [InlineData("StorePath: /nix/store/11111111111111111111111111111111-glibc-2.38\nNarSize: 1125899906842625\n", "NAR size")]
    [InlineData("StorePath: /nix/store/22222222222222222222222222222222-zlib-1.2\nNarSize: 1\n", "tells of")]
    public async Task A_file_that_tells_nonsense_is_left_out_and_told_of(string content, string problem)
    {
        await using var host = Host();
        _infos[NameOf(Libc)] = content;
        var told = new Told();

        var nodes = await new BinaryCacheCrawl(_http, _time).ReadAsync([Git], host.Address, 4, Journal, told, CancellationToken.None);

        nodes.Select(n => n.Path).Should().BeEquivalentTo([Git, Zlib]);
        told.Reports.Should().ContainSingle(r => r.Problem != null).Which.Problem.Should().Contain(problem).And.Contain(Libc.Text);
        told.Reports.Last().Missing.Should().Be(2);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_cache_that_wants_a_password_is_an_error_that_says_so()
    {
        await using var host = Host();
        host.Answer = _ => ChannelHost.Says("401 Unauthorized", "");

        var reading = FluentActions.Awaiting(() => ReadAsync(new BinaryCacheCrawl(_http, _time), [Libc], host.Address));

        (await reading.Should().ThrowAsync<BinaryCacheException>()).Which.Message.Should().Contain("HTTP 401");
    }

    [Fact(Timeout = 30_000)]
    public async Task A_list_that_ends_early_or_never_or_has_no_lines_is_refused_in_a_sentence()
    {
        var answer = (string?)"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n/nix/store/";
        await using var host = new ChannelHost { Answer = _ => answer };
        var crawl = new BinaryCacheCrawl(_http, _time);

        (await ProblemOfAsync(crawl, host.Address.AbsoluteUri)).Should().StartWith("the list http://").And.Contain("cannot be read");
        answer = null;
        var reading = ProblemOfAsync(crawl, host.Address.AbsoluteUri);
        await host.Silent.WaitAsync();
        _time.Advance(TimeSpan.FromSeconds(121));
        (await reading).Should().Contain("no answer within 120 s");
        (await ProblemOfAsync(crawl, _folder.File("long", $"{Git}{new string('0', 300)}"))).Should().Contain("no store path");
        (await ProblemOfAsync(crawl, _folder.File("huge", new string('0', 64 * 1024 * 1024 + 1)))).Should().Contain("larger than");
    }

    private static async Task<string> ProblemOfAsync(BinaryCacheCrawl crawl, string place) =>
        (await FluentActions.Awaiting(() => crawl.ReadListAsync(place, CancellationToken.None)).Should().ThrowAsync<InvalidDataException>()).Which.Message;

    [Fact(Timeout = 30_000)]
    public async Task A_list_that_is_compressed_in_another_way_is_refused_with_a_hint() =>
        (await FluentActions.Awaiting(() => new BinaryCacheCrawl(_http, _time).ReadListAsync(_folder.File("store-paths.xz", "\u00fd7zXZ"), CancellationToken.None))
            .Should().ThrowAsync<InvalidDataException>()).Which.Message.Should().Contain("xz -d");

    private ChannelHost Host() => new()
    {
        Answer = asked => _infos.TryGetValue(asked["GET /".Length..], out var info) ? ChannelHost.Says("200 OK", info) : ChannelHost.Says("404 Not Found", "no"),
    };

    private Task<IReadOnlyList<ClosureNode>> ReadAsync(BinaryCacheCrawl crawl, IReadOnlyList<StorePath> list, Uri cache) =>
        crawl.ReadAsync(list, cache, 4, Journal, new Progress<CrawlProgress>(), CancellationToken.None);

    private sealed class Told : IProgress<CrawlProgress>
    {
        public ConcurrentQueue<CrawlProgress> Reports { get; } = [];

        public void Report(CrawlProgress value) => Reports.Enqueue(value);
    }

    private static string NameOf(StorePath path) => $"{path.BaseName[..32]}.narinfo";

    private static string Info(StorePath path, long size, params StorePath[] references) => string.Join('\n',
        $"StorePath: {path}",
        "URL: nar/0.nar.xz",
        "Compression: xz",
        $"NarSize: {size}",
        $"References: {string.Join(' ', references.Select(r => r.BaseName))}",
        "Deriver: unknown",
        "");

    private static StorePath Path(char hash, string name) => StorePath.Parse($"/nix/store/{new string(hash, 32)}-{name}");
}
