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
        (await File.ReadAllLinesAsync(Journal)).Should().HaveCount(4).And.OnlyContain(l => l.EndsWith('}'));
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
    [InlineData("401 Unauthorized", "", "HTTP 401")]
    [InlineData("200 OK", "StorePath: /nix/store/5", "cannot be read")]
    [InlineData("200 OK", "hello", "cannot be read")]
    public async Task A_cache_that_answers_with_something_else_is_an_error_that_says_so(string status, string content, string problem)
    {
        await using var host = Host();
        host.Answer = _ => ChannelHost.Says(status, content);

        var reading = FluentActions.Awaiting(() => ReadAsync(new BinaryCacheCrawl(_http, _time), [Libc], host.Address));

        (await reading.Should().ThrowAsync<BinaryCacheException>()).Which.Message.Should().Contain(problem);
    }

    [Fact(Timeout = 30_000)]
    public async Task The_file_of_another_path_is_not_believed()
    {
        await using var host = Host();
        _infos[NameOf(Libc)] = _infos[NameOf(Zlib)];

        var reading = FluentActions.Awaiting(() => ReadAsync(new BinaryCacheCrawl(_http, _time), [Libc], host.Address));

        (await reading.Should().ThrowAsync<BinaryCacheException>()).Which.Message.Should().Contain("tells of");
    }

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
