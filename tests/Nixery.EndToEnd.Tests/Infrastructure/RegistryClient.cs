using System.Net.Http.Headers;
using System.Text.Json;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>What a registry answered.</summary>
internal sealed record Answer(int Status, string? ContentType, string? Digest, TimeSpan? RetryAfter, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);

    /// <summary>Code and message of the only error of the body.</summary>
    public (string Code, string Message) Error
    {
        get
        {
            using var document = JsonDocument.Parse(Body);
            var error = document.RootElement.GetProperty("errors")[0];
            return (error.GetProperty("code").GetString()!, error.GetProperty("message").GetString()!);
        }
    }
}

/// <summary>Asks a registry over HTTP, without the cleverness of the real clients.</summary>
internal sealed class RegistryClient(Uri address) : IDisposable
{
    public const string Docker = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(5) };

    public void Dispose() => _http.Dispose();

    public Task<Answer> ManifestAsync(string image, string? accept = null, string reference = "latest", CancellationToken cancellationToken = default) =>
        GetAsync($"/v2/{image}/manifests/{reference}", accept, cancellationToken);

    public async Task<Answer> GetAsync(string path, string? accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        return new Answer(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            response.Headers.TryGetValues("Docker-Content-Digest", out var digests) ? digests.Single() : null,
            response.Headers.RetryAfter?.Delta,
            await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>Pulls all of an image into <paramref name="folder"/>, laid out as skopeo's <c>dir:</c>.</summary>
    public async Task<PulledImage> PullAsync(string image, string folder, string? accept = null)
    {
        var answer = await ManifestAsync(image, accept);
        answer.Status.Should().Be(200, answer.Text);
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, PulledImage.ManifestFile), answer.Body);
        foreach (var digest in PulledImage.DigestsIn(answer.Body))
        {
            await using var content = await _http.GetStreamAsync($"/v2/{image}/blobs/{digest}");
            await using var file = File.Create(PulledImage.PathOf(folder, digest));
            await content.CopyToAsync(file);
        }

        return PulledImage.In(folder);
    }
}
