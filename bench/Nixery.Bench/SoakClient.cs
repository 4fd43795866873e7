using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace Nixery.Bench;

/// <summary>A client that goes on asking: for what is known, what is new, what there is not, and sometimes it hangs up.</summary>
internal sealed class SoakClient(Uri address, Random random, SoakCounts counts) : IDisposable
{
    private static readonly string[] Known = ["shell/git/htop", "jq", "curl/jq", "shell/nano"];

    private static readonly string[] Packages =
    [
        "bat", "bc", "bzip2", "curl", "diffutils", "file", "findutils", "fzf", "gawk", "git", "gnugrep", "gnumake", "gnused", "gnutar", "gzip", "hello", "htop", "jq",
        "less", "lsof", "moreutils", "nano", "ncdu",
    ];

    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };

    public void Dispose() => _http.Dispose();

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var wasRestarting = counts.IsRestarting;
            try
            {
                await AskAsync(end);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                if (wasRestarting || counts.IsRestarting)
                {
                    counts.Count("connections lost while the server was restarted");
                    await Task.Delay(TimeSpan.FromMilliseconds(100), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                else
                {
                    counts.CountBad($"a connection was lost: {e.Message}");
                }
            }
        }
    }

    private Task AskAsync(CancellationToken end) => random.Next(100) switch
    {
        < 55 => PullAsync("known images", Known[random.Next(Known.Length)], end),
        < 75 => PullAsync("new combinations", NewName(), end),
        < 90 => RefuseAsync($"no-such-package-{random.Next(50)}", end),
        _ => HangUpAsync(end),
    };

    private string NewName() => string.Join('/', Enumerable.Range(0, random.Next(2, 6)).Select(_ => Packages[random.Next(Packages.Length)]).Distinct());

    private async Task PullAsync(string kind, string image, CancellationToken end)
    {
        using var answer = await _http.GetAsync($"/v2/{image}/manifests/latest", end);
        if (!IsSuccess(kind, answer))
        {
            return;
        }

        var manifest = await answer.Content.ReadAsByteArrayAsync(end);
        var digest = Digest(manifest);
        var canonical = string.Join('/', image.Split('/').Order(StringComparer.Ordinal));
        if (digest != answer.Headers.GetValues("Docker-Content-Digest").Single() || !counts.IsSameAsBefore(canonical, digest))
        {
            counts.CountBad($"a manifest of {image} is not what it should be");
        }

        using var document = JsonDocument.Parse(manifest);
        var layers = document.RootElement.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString()!).ToList();
        await BlobAsync(image, document.RootElement.GetProperty("config").GetProperty("digest").GetString()!, end);
        await BlobAsync(image, layers[random.Next(layers.Count)], end);
        counts.Count($"{kind}, pulled and right");
    }

    private async Task BlobAsync(string image, string digest, CancellationToken end)
    {
        using var answer = await _http.GetAsync($"/v2/{image}/blobs/{digest}", HttpCompletionOption.ResponseHeadersRead, end);
        if (!IsSuccess("blobs", answer))
        {
            return;
        }

        await using var content = await answer.Content.ReadAsStreamAsync(end);
        if ("sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(content, end)) != digest)
        {
            counts.CountBad($"a blob is not what {digest} names");
        }
    }

    private async Task RefuseAsync(string image, CancellationToken end)
    {
        using var answer = await _http.GetAsync($"/v2/{image}/manifests/latest", end);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            counts.Count("unknown names, answered 404");
        }
        else if (IsSuccess("unknown names", answer))
        {
            counts.CountBad($"there is no {image}, and it was answered {(int)answer.StatusCode}");
        }
    }

    /// <summary>In the middle of a new image's build, or of a layer.</summary>
    private async Task HangUpAsync(CancellationToken end)
    {
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(end);
        hangUp.CancelAfter(random.Next(1, 60));
        try
        {
            using var answer = await _http.GetAsync($"/v2/{NewName()}/manifests/latest", hangUp.Token);
            counts.Count("hung up too late");
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            counts.Count("hung up in the middle");
        }
    }

    /// <summary>What is none is counted: as good where the server has announced it, and as wrong else.</summary>
    private bool IsSuccess(string kind, HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (status == 200)
        {
            return true;
        }

        if (status is 429 or 503 && answer.Headers.RetryAfter is not null)
        {
            counts.Count($"{kind}, answered {status} with Retry-After");
        }
        else
        {
            counts.CountBad($"{kind}, answered {status}");
        }

        return false;
    }

    private static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
}
