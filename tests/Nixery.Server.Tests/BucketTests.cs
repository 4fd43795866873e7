using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Nixery.Doubles;

namespace Nixery.Server.Tests;

/// <summary>The registry over a bucket: who sends blobs, and what clients see while the bucket's server is not well.</summary>
public sealed class BucketTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;
    private S3Double _bucket = null!;
    private Registry _registry = null!;

    public async Task InitializeAsync() => _bucket = await S3Double.StartAsync();

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        await _bucket.DisposeAsync();
        _bucket.Unknown.Should().BeEmpty();
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("on", null)]
    [InlineData("auto", "public")]
    public async Task A_client_is_sent_to_the_bucket_for_a_blob(string redirect, string? endpoint)
    {
        await StartAsync(("Redirect", redirect), ("PublicEndpoint", endpoint is null ? null : _bucket.Address.AbsoluteUri));
        var layer = await LayerAsync();
        using var client = CreateClient();

        using var answer = await client.GetAsync(layer.Path);

        answer.StatusCode.Should().Be(HttpStatusCode.TemporaryRedirect);
        answer.Headers.Location!.Authority.Should().Be(_bucket.Address.Authority);
        answer.Headers.CacheControl!.NoStore.Should().BeTrue();
        using var elsewhere = new HttpClient();
        Convert.ToHexStringLower(SHA256.HashData(await elsewhere.GetByteArrayAsync(answer.Headers.Location))).Should().Be(layer.Digest["sha256:".Length..]);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_HEAD_asks_and_manifests_are_answered_here()
    {
        await StartAsync(("Redirect", "on"));
        var layer = await LayerAsync();
        using var client = CreateClient();

        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, layer.Path));
        head.StatusCode.Should().Be(HttpStatusCode.OK);
        head.Content.Headers.ContentLength.Should().Be(layer.Size);
        using var manifest = await client.GetAsync("/v2/large/manifests/latest");
        manifest.StatusCode.Should().Be(HttpStatusCode.OK);
        using var again = await client.GetAsync($"/v2/large/manifests/{manifest.Headers.GetValues("Docker-Content-Digest").Single()}");
        again.StatusCode.Should().Be(HttpStatusCode.OK);
        using var missing = await client.GetAsync($"/v2/large/blobs/sha256:{new string('0', 64)}");
        missing.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("off")]
    [InlineData("auto")]
    public async Task A_blob_goes_through_here_where_the_operator_wants_it_or_clients_may_not_reach_the_bucket(string redirect)
    {
        await StartAsync(("Redirect", redirect));
        var layer = await LayerAsync();
        using var client = CreateClient();

        var whole = await client.GetByteArrayAsync(layer.Path);
        client.DefaultRequestHeaders.Range = new RangeHeaderValue(5, 14);
        using var part = await client.GetAsync(layer.Path);

        Convert.ToHexStringLower(SHA256.HashData(whole)).Should().Be(layer.Digest["sha256:".Length..]);
        part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync()).Should().Equal(whole[5..15]);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Another_server_on_the_bucket_knows_the_image_without_a_build()
    {
        await StartAsync();
        var layer = await LayerAsync();

        await _registry.RestartAsync();
        var again = await LayerAsync();

        again.Should().Be(layer);
        _registry.Builder.Realisations.Should().Be(1);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task While_the_bucket_is_away_clients_are_told_to_come_back()
    {
        await StartAsync(("Patience", "00:00:00.2"));
        var layer = await LayerAsync();
        await _registry.RestartAsync();
        _bucket.Misbehaviour.IsDown = true;

        foreach (var path in new[] { layer.Path, "/v2/large/manifests/latest", "/v2/git/manifests/latest" })
        {
            using var answer = await _registry.Client.GetAsync(path);
            answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, path);
            answer.Headers.RetryAfter.Should().NotBeNull();
            (await answer.Content.ReadAsStringAsync()).Should().NotContain(S3Double.SecretKey).And.NotContain(S3Double.AccessKey);
        }

        _bucket.Misbehaviour.IsDown = false;
        (await LayerAsync()).Should().Be(layer);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_outage_shorter_than_the_patience_is_not_seen_by_clients()
    {
        await StartAsync();
        var layer = await LayerAsync();
        await _registry.RestartAsync();
        _bucket.Misbehaviour.IsDown = true;

        var begun = Stopwatch.GetTimestamp();
        var pull = LayerAsync();
        while (Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10))
        {
            pull.IsCompleted.Should().BeFalse();
            await Task.WhenAny(pull, Task.Delay(100));
        }

        _bucket.Misbehaviour.IsDown = false;
        (await pull).Should().Be(layer);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Every_third_connection_that_is_reset_changes_no_byte()
    {
        await StartAsync(("Redirect", "off"));
        var layer = await LayerAsync();
        _bucket.Misbehaviour.ResetEvery = 3;
        _bucket.Misbehaviour.CutBodyEvery = 3;

        for (var i = 0; i < 20; i++)
        {
            var whole = await _registry.Client.GetByteArrayAsync(layer.Path);
            Convert.ToHexStringLower(SHA256.HashData(whole)).Should().Be(layer.Digest["sha256:".Length..]);
        }

        using var built = await _registry.Client.GetAsync("/v2/git/large/manifests/latest");
        built.StatusCode.Should().Be(HttpStatusCode.OK);
        _bucket.Shelf.NamedWrongly("blobs/sha256/").Should().BeEmpty();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_blob_that_breaks_off_for_good_is_no_whole_answer()
    {
        await StartAsync(("Redirect", "off"), ("Patience", "00:00:00.1"));
        var layer = await LayerAsync();
        _bucket.Misbehaviour.CutBodyEvery = 1;

        await FluentActions.Awaiting(() => _registry.Client.GetByteArrayAsync(layer.Path)).Should().ThrowAsync<HttpRequestException>();
    }

    private async Task StartAsync(params (string Name, string? Value)[] settings)
    {
        _registry = new Registry();
        _registry.More["Nixery:Storage:Kind"] = "s3";
        _registry.More["Nixery:Storage:S3:Bucket"] = S3Double.Bucket;
        _registry.More["Nixery:Storage:S3:Endpoint"] = _bucket.Address.AbsoluteUri;
        _registry.More["Nixery:Storage:S3:Region"] = S3Double.Region;
        _registry.More["Nixery:Storage:S3:AccessKey"] = S3Double.AccessKey;
        _registry.More["Nixery:Storage:S3:SecretKey"] = S3Double.SecretKey;
        foreach (var (name, value) in settings)
        {
            _registry.More[$"Nixery:Storage:{name}"] = value;
        }

        await _registry.InitializeAsync();
    }

    /// <summary>Follows no redirects.</summary>
    private HttpClient CreateClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _registry.Client.BaseAddress };

    private async Task<Layer> LayerAsync()
    {
        using var answer = await _registry.Client.GetAsync("/v2/large/manifests/latest");
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        var layer = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("layers").EnumerateArray().MaxBy(l => l.GetProperty("size").GetInt64());
        var digest = layer.GetProperty("digest").GetString()!;
        return new Layer($"/v2/large/blobs/{digest}", digest, layer.GetProperty("size").GetInt64());
    }

    private sealed record Layer(string Path, string Digest, long Size);
}
