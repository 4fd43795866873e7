using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace Nixery.Server.Tests.Keeping;

/// <summary>Clients that pull images at random, all of each, and check every byte; and somebody who looks meanwhile how much is stored.</summary>
internal sealed class PullingClients(IReadOnlyList<HttpClient> servers, IReadOnlyList<string> images, Func<long> usedBytes)
{
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentDictionary<string, int> _pulled = new(StringComparer.Ordinal);
    private int _complete;
    private int _putOff;
    private long _mostBytes;

    /// <summary>Answers that are no right ones, and no honest "come back".</summary>
    public IReadOnlyCollection<string> Wrong => _wrong;

    /// <summary>Images that were pulled whole.</summary>
    public int Complete => _complete;

    public int Distinct => _pulled.Count;

    /// <summary>Pulls that were told to come back.</summary>
    public int PutOff => _putOff;

    /// <summary>The most that was stored at any time.</summary>
    public long MostBytes => _mostBytes;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Complete} complete pulls of {Distinct} images, {PutOff} put off, at most {MostBytes} bytes stored, {Wrong.Count} wrong");

    /// <param name="until">Whether a client ends, given how many pulls all have begun.</param>
    public async Task RunAsync(int clients, Func<int, bool> until, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watching = WatchAsync(ended.Token);
        var begun = 0;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            var random = new Random(client + 1);
            while (!until(Interlocked.Increment(ref begun)))
            {
                await PullAsync(servers[client % servers.Count], images[random.Next(images.Count)], cancellationToken);
            }
        }));
        await ended.CancelAsync();
        await watching;
    }

    private async Task WatchAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                _mostBytes = Math.Max(_mostBytes, usedBytes());
            }
        }
        catch (OperationCanceledException)
        {
            // All have pulled.
        }
    }

    private async Task PullAsync(HttpClient server, string image, CancellationToken cancellationToken)
    {
        using var answer = await server.GetAsync($"/v2/{image}/manifests/latest", cancellationToken);
        var manifest = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests && answer.Headers.RetryAfter is not null)
        {
            Interlocked.Increment(ref _putOff);
            return;
        }

        var digest = DigestOf(manifest);
        if (answer.StatusCode != HttpStatusCode.OK || answer.Headers.GetValues("Docker-Content-Digest").Single() != digest)
        {
            _wrong.Enqueue($"{image}: {(int)answer.StatusCode} {digest}");
            return;
        }

        // As docker does: what the tag means, and then that.
        using var again = await server.GetAsync($"/v2/{image}/manifests/{digest}", cancellationToken);
        if (again.StatusCode != HttpStatusCode.OK)
        {
            _wrong.Enqueue($"{image}@{digest}: {(int)again.StatusCode}");
            return;
        }

        if (await Task.WhenAll(BlobsIn(manifest).Select(blob => TakeAsync(server, image, blob, cancellationToken))) is var whole && whole.All(w => w))
        {
            Interlocked.Increment(ref _complete);
            _pulled[image] = 1;
        }
    }

    private async Task<bool> TakeAsync(HttpClient server, string image, string blob, CancellationToken cancellationToken)
    {
        using var answer = await server.GetAsync($"/v2/{image}/blobs/{blob}", cancellationToken);
        var content = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.StatusCode == HttpStatusCode.OK && DigestOf(content) == blob)
        {
            return true;
        }

        _wrong.Enqueue($"{image}: {blob}: {(int)answer.StatusCode}, {content.Length} bytes");
        return false;
    }

    private static IEnumerable<string> BlobsIn(byte[] manifest)
    {
        using var document = JsonDocument.Parse(manifest);
        var root = document.RootElement;
        return [.. root.GetProperty("layers").EnumerateArray().Append(root.GetProperty("config")).Select(d => d.GetProperty("digest").GetString()!).Distinct()];
    }

    private static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
}
