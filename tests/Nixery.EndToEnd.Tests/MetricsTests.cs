using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed partial class MetricsTests : IDisposable
{
    private const int Limit = 240_000;
    private const string Image = "jq";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task The_figures_are_as_promtool_wants_them_and_as_the_docs_list_them_and_name_no_package()
    {
        await using var server = await ServeAsync();
        using var client = server.CreateClient();
        await PullAsync(server, client);

        var text = await FiguresAsync(client);

        (await CheckAsync(text)).Succeeded();
        text.Should().NotContain(Image).And.NotContain("no-such-package");
        var names = Types().Matches(text).Select(m => m.Groups[1].Value).ToList();
        names.Should().BeEquivalentTo(Documented(), "docs/operations.md lists them");
        text.Should().MatchRegex("nixery_pulls_total{level=\"built\",outcome=\"image\"} 1\n");
        text.Should().MatchRegex("nixery_pulls_total{level=\"none\",outcome=\"not-found\"} 1\n");
        text.Should().MatchRegex("nixery_pulls_total{level=\"(memory|storage)\",outcome=\"image\"} [12]\n");
        text.Should().MatchRegex("nixery_build_info{commit=\"[0-9a-z]+\",revision=\"[^\"]+\",runtime=\"10[0-9.]+\"} 1\n");
        text.Should().MatchRegex("http_server_request_duration_seconds_count{[^}]*nixery_route=\"blob\"[^}]*} [1-9]");
        text.Should().Contain("nixery_eviction_found_room{} 1\n").And.Contain("nixery_evicted_images_total{} 0\n");
        foreach (var stage in new[] { "evaluate", "realise", "plan", "pack", "store" })
        {
            text.Should().MatchRegex($"nixery_stage_duration_seconds_count{{stage=\"{stage}\"}} [1-9]");
        }
    }

    [Fact(Timeout = Limit)]
    public async Task A_real_Prometheus_scrapes_them()
    {
        await using var server = await ServeAsync();
        using var client = server.CreateClient();
        await PullAsync(server, client);
        var configuration = _folder.Inner("prometheus.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
            - {job_name: nixery, static_configs: [{targets: ["{{server.Host}}"]}]}
            """);
        using var prometheus = Programs.Start(
            "prometheus",
            [$"--config.file={configuration}", $"--storage.tsdb.path={_folder.Inner("prometheus")}", "--web.listen-address=127.0.0.1:0"],
            new Dictionary<string, string?>());
        var log = new LineLog();
        var pumps = Task.WhenAll(log.ReadAsync(prometheus.StandardOutput), log.ReadAsync(prometheus.StandardError));
        try
        {
            var line = await log.LineWithAsync("msg=\"Listening on\" address=").WaitAsync(TimeSpan.FromMinutes(1));
            await log.LineWithAsync("Server is ready").WaitAsync(TimeSpan.FromMinutes(1));
            using var http = new HttpClient { BaseAddress = new Uri("http://" + line[(line.LastIndexOf('=') + 1)..]) };

            await Eventually.Async(async () => await FindAsync(http, "sum(nixery_pulls_total{outcome=\"image\"})") == "2", "two images pulled");
            (await FindAsync(http, "up{job=\"nixery\"}")).Should().Be("1");
            (await FindAsync(http, "histogram_quantile(0.5, sum by (le) (nixery_stage_duration_seconds_bucket{stage=\"pack\"}))")).Should().NotBeNull();
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync();
            await pumps;
        }
    }

    /// <summary>With a limit, far away: what is to go is looked for.</summary>
    private Task<RunningServer> ServeAsync() => RunningServer.StartAsync(
        _folder.Path, new Dictionary<string, string?> { ["Nixery__Storage__MaxBytes"] = "100000000000" });

    /// <summary>One that is built, one that is known, one that there is not, a blob, and nonsense.</summary>
    private async Task PullAsync(RunningServer server, RegistryClient client)
    {
        (await client.PullAsync(Image, _folder.Inner("pulled"))).CheckDigests();
        (await client.ManifestAsync(Image)).Status.Should().Be(200);
        (await client.ManifestAsync("no-such-package")).Status.Should().Be(404);
        await SayNonsenseAsync(server.Address);
    }

    /// <summary>What is no HTTP is an exception for Kestrel; without any there is no figure of them.</summary>
    private static async Task SayNonsenseAsync(Uri address)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        await connection.GetStream().WriteAsync("no HTTP\r\n\r\n"u8.ToArray());
        await connection.GetStream().CopyToAsync(Stream.Null);
    }

    private static async Task<string> FiguresAsync(RegistryClient client)
    {
        var text = "";
        // What is shown may be a moment old, and the sizes are counted in the background.
        await Eventually.Async(
            async () =>
            {
                text = (await client.GetAsync("/metrics", null, CancellationToken.None)).Text;
                return text.Contains("outcome=\"not-found\"", StringComparison.Ordinal) && text.Contains("nixery_storage_size_bytes", StringComparison.Ordinal)
                    && text.Contains("nixery_eviction_found_room", StringComparison.Ordinal) && text.Contains("dotnet_exceptions_total", StringComparison.Ordinal)
                    && text.Contains("route=\"blob\"", StringComparison.Ordinal);
            },
            "the figures of the pulls");
        return text;
    }

    private static async Task<Ran> CheckAsync(string text)
    {
        using var promtool = Programs.StartWithInput("promtool", ["check", "metrics"], new Dictionary<string, string?>());
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        var output = promtool.StandardOutput.ReadToEndAsync();
        var errors = promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();
        return new Ran("promtool check metrics", promtool.ExitCode, await output, await errors);
    }

    /// <summary>The value of the only sample, or null.</summary>
    private static async Task<string?> FindAsync(HttpClient http, string query)
    {
        using var document = JsonDocument.Parse(await http.GetStringAsync("/api/v1/query?query=" + Uri.EscapeDataString(query)));
        var result = document.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0 ? null : result[0].GetProperty("value")[1].GetString();
    }

    private static IEnumerable<string> Documented()
    {
        var tests = typeof(MetricsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "TestsFolder").Value!;
        var docs = File.ReadAllText(Path.Combine(tests, "..", "docs", "operations.md"));
        return Rows().Matches(docs).Select(m => m.Groups[1].Value)
            .Except(["nixery_redirects_total", "nixery_log_omitted_total", "nixery_nix_store_size_bytes"]);
    }

    [GeneratedRegex("^# TYPE ([a-z_]+) ", RegexOptions.Multiline)]
    private static partial Regex Types();

    [GeneratedRegex(@"^\| `([a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
