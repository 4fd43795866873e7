using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Nixery.Server.Tests;

/// <summary>How the registry can be spoken to: HTTP/2 by ASP.NET's own settings, and from a browser.</summary>
public sealed class TransportTests : IAsyncLifetime
{
    private readonly Registry _registry = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-transport-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact(Timeout = 60_000)]
    public async Task With_a_certificate_a_pull_is_answered_over_HTTP_2_too()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(_folder, "tls.crt"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        _registry.More["urls"] = "https://127.0.0.1:0";
        _registry.More["Kestrel:Certificates:Default:Path"] = Path.Combine(_folder, "tls.crt");
        _registry.More["Kestrel:Certificates:Default:KeyPath"] = Path.Combine(_folder, "tls.key");
        await _registry.InitializeAsync();
        using var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString() } };
        using var client = new HttpClient(handler) { BaseAddress = _registry.Client.BaseAddress };

        foreach (var version in new[] { HttpVersion.Version20, HttpVersion.Version11 })
        {
            using var image = await SendAsync(client, version, "/v2/hello/manifests/latest");
            using var missing = await SendAsync(client, version, "/v2/missing/manifests/latest");

            image.Version.Should().Be(version);
            image.StatusCode.Should().Be(HttpStatusCode.OK);
            missing.StatusCode.Should().Be(HttpStatusCode.NotFound);
            (await missing.Content.ReadAsStringAsync()).Should().Contain("MANIFEST_UNKNOWN");
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_TLS_HTTP_2_is_off_and_an_endpoint_of_its_own_turns_it_on()
    {
        await _registry.InitializeAsync();
        await FluentActions.Awaiting(() => SendAsync(_registry.Client, HttpVersion.Version20, "/v2/")).Should().ThrowAsync<HttpRequestException>();

        var clear = new Registry();
        clear.More["urls"] = null;
        clear.More["Kestrel:Endpoints:Clear:Url"] = "http://127.0.0.1:0";
        clear.More["Kestrel:Endpoints:Clear:Protocols"] = "Http2";
        await clear.InitializeAsync();
        using var answer = await SendAsync(clear.Client, HttpVersion.Version20, "/v2/hello/tags/list");

        answer.Version.Should().Be(HttpVersion.Version20);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        await clear.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_page_of_an_origin_that_is_allowed_may_read_and_another_may_not()
    {
        _registry.More["Nixery:Http:AllowOrigins:0"] = "https://ui.example.com";
        await _registry.InitializeAsync();

        using var allowed = await FromAsync(HttpMethod.Get, "https://ui.example.com");
        using var refused = await FromAsync(HttpMethod.Get, "https://evil.example.com");
        using var preflight = await FromAsync(HttpMethod.Options, "https://ui.example.com");

        allowed.StatusCode.Should().Be(HttpStatusCode.OK);
        allowed.Headers.GetValues("Access-Control-Allow-Origin").Should().Equal("https://ui.example.com");
        allowed.Headers.GetValues("Access-Control-Expose-Headers").Single().Should().Contain("Docker-Content-Digest").And.Contain("Link");
        refused.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
        using var nobody = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        nobody.Headers.Vary.Should().BeEquivalentTo(["Accept", "Origin"], "a cache must not give it to a page");
        allowed.Headers.Vary.Should().BeEquivalentTo("Accept", "Origin");
        preflight.StatusCode.Should().Be(HttpStatusCode.NoContent);
        preflight.Headers.GetValues("Access-Control-Allow-Methods").Single().Should().Be("GET,HEAD");
    }

    [Fact(Timeout = 60_000)]
    public async Task Where_no_origin_is_allowed_a_page_is_told_nothing()
    {
        await _registry.InitializeAsync();

        using var answer = await FromAsync(HttpMethod.Get, "https://ui.example.com");
        using var preflight = await FromAsync(HttpMethod.Options, "https://ui.example.com");

        answer.Headers.Contains("Access-Control-Allow-Origin").Should().BeFalse();
        preflight.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, Version version, string path) => client.SendAsync(
        new HttpRequestMessage(HttpMethod.Get, path) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact });

    private async Task<HttpResponseMessage> FromAsync(HttpMethod method, string origin)
    {
        var request = new HttpRequestMessage(method, "/v2/hello/manifests/latest");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.oci.image.manifest.v1+json"));
        request.Headers.Add("Origin", origin);
        if (method == HttpMethod.Options)
        {
            request.Headers.Add("Access-Control-Request-Method", "GET");
        }

        return await _registry.Client.SendAsync(request);
    }
}
