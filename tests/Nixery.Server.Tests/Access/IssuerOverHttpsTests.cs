using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Nixery.Doubles;
using Nixery.Tests;

namespace Nixery.Server.Tests.Access;

public sealed class IssuerOverHttpsTests
{
    private const int Limit = 120_000;

    /// <summary>As the API server of a cluster: an authority of its own, and keys for who has a token.</summary>
    [Fact(Timeout = Limit)]
    public async Task Over_https_the_authority_that_is_named_is_believed_alone_and_the_token_is_sent_as_it_is_in_its_file_now()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await using var issuer = await OidcIssuer.StartAsync(certificate);
        issuer.Expects = "second";
        var stranger = new ClosedRegistry().Set("Issuers:cluster:Issuer", issuer.Issuer).Set("Issuers:cluster:Audience", OidcIssuer.Audience);
        await using var disposed = stranger;
        var (authority, token) = (Path.Combine(stranger.Inner.Folder, "ca.crt"), Path.Combine(stranger.Inner.Folder, "token"));
        await File.WriteAllTextAsync(authority, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(token, "first\n");
        var time = new ManualTime();
        time.Advance(now - DateTimeOffset.UnixEpoch);
        await using var registry = await new ClosedRegistry(time).Set("Issuers:cluster:Issuer", issuer.Issuer).Set("Issuers:cluster:Audience", OidcIssuer.Audience)
            .Set("Issuers:cluster:CaFile", authority).Set("Issuers:cluster:TokenFile", token).StartAsync();
        await stranger.Set("Issuers:cluster:TokenFile", token).StartAsync();

        (await registry.PullAsync("hello", ClosedRegistry.Bearer(issuer.Sign(IssuerTests.Subject)))).Status.Should().Be(503);
        await File.WriteAllTextAsync(token, "second\n");
        time.Advance(TimeSpan.FromSeconds(10));
        (await registry.PullAsync("hello", ClosedRegistry.Bearer(issuer.Sign(IssuerTests.Subject)))).Status.Should().Be(200);
        (await stranger.PullAsync("hello", ClosedRegistry.Bearer(issuer.Sign(IssuerTests.Subject)))).Status.Should().Be(503);
    }
}
