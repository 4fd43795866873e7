using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Doubles;
using Nixery.Server.Configuring;
using Nixery.Server.Tests.Configuring;

namespace Nixery.Server.Tests.Tls;

/// <summary>The registry with a certificate of its own, which is replaced while it runs.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const int Limit = 60_000;
    private static readonly TimeSpan Long = TimeSpan.FromDays(60);
    private readonly Registry _registry = new();
    private readonly LogLines _log = new();
    private readonly CertificateAuthority _authority = CertificateAuthority.Create();
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-tls-").FullName;

    public Task InitializeAsync()
    {
        // As Kubernetes mounts a secret: the files are links through a folder that is a link.
        Write("first", _authority.Issue(Long));
        PointTo("first");
        _registry.More["urls"] = "https://127.0.0.1:0";
        _registry.More["Nixery:Tls:CertificateFile"] = Path.Combine(_folder, "now", "tls.crt");
        _registry.More["Nixery:Tls:KeyFile"] = Path.Combine(_folder, "now", "tls.key");
        _registry.Replace = services => services.AddSingleton(_log.ToProvider());
        return _registry.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        await _authority.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory(Timeout = Limit)]
    [InlineData(SslProtocols.Tls12, "2.0")]
    [InlineData(SslProtocols.Tls13, "2.0")]
    [InlineData(SslProtocols.Tls13, "1.1")]
    public async Task A_client_that_knows_the_authority_alone_pulls_in_the_version_that_it_likes(SslProtocols protocol, string version)
    {
        using var client = ClientThatKnows(_authority, protocol);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v2/hello/manifests/latest") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await client.SendAsync(request);

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Version.Should().Be(Version.Parse(version));
    }

    [Fact(Timeout = Limit)]
    public async Task A_certificate_that_was_replaced_is_used_for_new_connections()
    {
        await using var other = CertificateAuthority.Create();
        Write("second", other.Issue(Long));

        PointTo("second");
        Look();

        (await PingAsync(other)).Should().Be(HttpStatusCode.OK);
        await FluentActions.Awaiting(() => PingAsync(_authority)).Should().ThrowAsync<HttpRequestException>();
        _log.Text.Split('\n').Count(l => l.Contains("The certificate for localhost, 127.0.0.1 is in use", StringComparison.Ordinal)).Should().Be(2);
    }

    [Theory(Timeout = Limit)]
    [InlineData("tls.key", "no key")]
    [InlineData("tls.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData("tls.key", null)]
    [InlineData("tls.crt", "another's")]
    public async Task A_pair_that_is_not_right_leaves_the_one_before_in_use_until_there_is_a_right_one(string file, string? content)
    {
        var right = _authority.Issue(Long);
        Write("second", right);
        var path = Path.Combine(_folder, "second", file);
        if (content is null)
        {
            File.Delete(path);
        }
        else
        {
            await File.WriteAllTextAsync(path, content == "another's" ? _authority.Issue(Long).Certificate : content);
        }

        PointTo("second");
        Look();

        (await PingAsync(_authority)).Should().Be(HttpStatusCode.OK);
        _log.Text.Should().MatchRegex("Warning The certificate was read again and is not right, so the one before stays in use: .*Nixery:Tls:KeyFile");
        _log.Text.Should().NotContain(right.Key.Split('\n')[1]);

        Write("third", right);
        PointTo("third");
        Look();

        (await PingAsync(_authority)).Should().Be(HttpStatusCode.OK);
        _log.Text.Split('\n').Count(l => l.Contains("is in use; it ends at", StringComparison.Ordinal)).Should().Be(2);
    }

    [Fact]
    public void A_certificate_that_ends_soon_is_warned_of()
    {
        _log.Text.Should().NotContain("The certificate ends at");
        Write("second", _authority.Issue(TimeSpan.FromDays(3)));

        PointTo("second");
        Look();

        _log.Text.Should().Contain("Warning The certificate ends at");
    }

    [Fact]
    public void The_first_lines_say_by_which_names_clients_must_call_it()
    {
        var port = _registry.Client.BaseAddress!.Port;

        _log.Text.Should().Contain($"by a name of its certificate: localhost:{port}, 127.0.0.1:{port}");
        _log.Text.Should().Contain($"Try: docker run -ti --rm localhost:{port}/shell/git/htop");
        _log.Text.Should().Contain($"/etc/docker/certs.d/localhost:{port}/ca.crt", "no authority of this machine has signed it");
    }

    private void Write(string folder, (string Certificate, string Key) pair)
    {
        var path = Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName;
        File.WriteAllText(Path.Combine(path, "tls.crt"), pair.Certificate);
        File.WriteAllText(Path.Combine(path, "tls.key"), pair.Key);
    }

    private void PointTo(string folder)
    {
        var link = Path.Combine(_folder, "now");
        File.Delete(link);
        File.CreateSymbolicLink(link, folder);
    }

    private void Look() => _registry.Services.GetRequiredService<ReloadWatch>().Look();

    private async Task<HttpStatusCode> PingAsync(CertificateAuthority authority)
    {
        using var client = ClientThatKnows(authority, SslProtocols.None);
        using var answer = await client.GetAsync("/v2/");
        return answer.StatusCode;
    }

    private HttpClient ClientThatKnows(CertificateAuthority authority, SslProtocols protocol)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(authority.Root);
        return new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy, EnabledSslProtocols = protocol } })
        {
            BaseAddress = _registry.Client.BaseAddress,
        };
    }
}
