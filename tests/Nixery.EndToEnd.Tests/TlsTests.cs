using Nixery.Doubles;
using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>skopeo pulls over TLS, and the certificate is replaced while the server runs.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 180_000)]
    public async Task An_image_is_pulled_by_who_knows_the_authority_of_the_certificate_in_use()
    {
        await using var first = CertificateAuthority.Create();
        await using var second = CertificateAuthority.Create();
        Write(first);
        await using var server = await RunningServer.StartOnSetAsync(_folder.Path, """
            { system, ... }: {
              hello = derivation { name = "hello-1.0"; inherit system; builder = "/bin/sh"; args = [ "-c" "echo hello > $out; exit 0" ]; };
            }
            """, new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = "https://127.0.0.1:0",
            ["Nixery__Tls__CertificateFile"] = _folder.Inner("tls.crt"),
            ["Nixery__Tls__KeyFile"] = _folder.Inner("tls.key"),
        });
        await server.SaysAsync($"by a name of its certificate: localhost:{server.Address.Port}, {server.Host}");

        (await PullAsync(server, first, "one")).Succeeded();
        (await PullAsync(server, second, "two")).ExitCode.Should().NotBe(0);

        // Half a pair: the certificate has come, the key has not.
        var (certificate, key) = second.Issue(TimeSpan.FromDays(30));
        _folder.Write("tls.crt", certificate);
        await server.SaysAsync("the one before stays in use");
        (await PullAsync(server, first, "three")).Succeeded();

        _folder.Write("tls.key", key);
        await Eventually.Async(() => server.Log.Split("is in use; it ends at").Length == 3, "the new pair is taken over");

        (await PullAsync(server, second, "four")).Succeeded();
        (await PullAsync(server, first, "five")).Errors.Should().Contain("certificate");
    }

    private void Write(CertificateAuthority authority)
    {
        var (certificate, key) = authority.Issue(TimeSpan.FromDays(30));
        _folder.Write("tls.crt", certificate);
        _folder.Write("tls.key", key);
    }

    private Task<Ran> PullAsync(RunningServer server, CertificateAuthority authority, string name)
    {
        var certificates = Directory.CreateDirectory(_folder.Inner($"{name}.d")).FullName;
        File.WriteAllText(Path.Combine(certificates, "ca.crt"), authority.RootPem);
        return Programs.RunAsync("skopeo", "copy", "--src-cert-dir", certificates, $"docker://{server.Host}/hello", $"dir:{_folder.Inner(name)}");
    }
}
