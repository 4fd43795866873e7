using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Nixery.Doubles;
using Nixery.Server.Configuring;
using Nixery.Server.Tests.Configuring;
using Nixery.Server.Tests.Protocol;
using Nixery.Server.Tls;

namespace Nixery.Server.Tests.Tls;

/// <summary>Where the server listens, and what its first lines tell clients.</summary>
public sealed class ListeningTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-listening-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Auto", false, null, "http://*:8080")]
    [InlineData("Auto", true, null, "http://localhost:8080;https://*:8443")]
    [InlineData("Any", true, null, "http://*:8080;https://*:8443")]
    [InlineData("Localhost", false, null, "http://localhost:8080")]
    [InlineData("Off", true, null, "https://*:8443")]
    [InlineData("Auto", false, "http://127.0.0.1:1", null)]
    [InlineData("Auto", true, "http://127.0.0.1:1", "http://127.0.0.1:1;https://*:8443")]
    [InlineData("Auto", true, "https://127.0.0.1:1", null)]
    public void Plain_HTTP_is_for_this_machine_where_there_is_a_certificate_and_urls_say_otherwise(
        string listen, bool hasCertificate, string? urls, string? expected) =>
        ListenAddresses.Choose(Configuration(("urls", urls)), new HttpOptions { Listen = Enum.Parse<PlainListening>(listen) }, new TlsOptions { CertificateFile = hasCertificate ? "tls.crt" : null })
            .Should().Be(expected);

    [Fact(Timeout = 60_000)]
    public async Task All_that_is_wrong_with_a_certificate_and_its_port_is_said_at_once()
    {
        await using var authority = CertificateAuthority.Create();
        var (certificate, key) = authority.Issue(TimeSpan.FromDays(1));
        await File.WriteAllTextAsync(Path.Combine(_folder, "tls.crt"), certificate);
        await File.WriteAllTextAsync(Path.Combine(_folder, "tls.key"), authority.Issue(TimeSpan.FromDays(1)).Key);
        await File.WriteAllTextAsync(Path.Combine(_folder, "both.pem"), certificate + key);
        await File.WriteAllTextAsync(Path.Combine(_folder, "locked.key"), key.Replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE", StringComparison.Ordinal));

        ProblemsOf(Files("tls.crt", "tls.key"), ("Nixery:Http:Port", "8443"), ("Nixery:Http:MostConnections", "-1"), ("Kestrel:Endpoints:A:Url", "http://*:1"))
            .Should().HaveCount(4).And.Contain(p => p.Contains("are no certificate and its key", StringComparison.Ordinal))
            .And.Contain(p => p.Contains("both 8443", StringComparison.Ordinal))
            .And.Contain(p => p.Contains("excludes Kestrel:Endpoints", StringComparison.Ordinal));
        ProblemsOf(Files("tls.crt", "locked.key")).Should().ContainSingle().Which.Should().Contain("has a password");
        ProblemsOf(Files("none.crt", "tls.key")).Should().ContainSingle().Which.Should().Contain("none.crt").And.Contain("cannot be read");
        ProblemsOf([("Nixery:Http:Listen", "Off")]).Should().ContainSingle().Which.Should().Contain("goes with Nixery:Tls:CertificateFile");
        ProblemsOf([("Nixery:Http:Listen", "Sometimes")]).Should().ContainSingle().Which.Should().Contain("one of Auto, Any, Localhost, Off");
        ProblemsOf(Files("both.pem", null)).Should().BeEmpty("the key may be in the same file");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("urls", "http://127.0.0.1:0", null, "Try: docker run -ti --rm 127.0.0.1:", "insecure-registries")]
    [InlineData("urls", "http://0.0.0.0:0", null, "\"insecure-registries\": [\"", "HTTP/2 without TLS")]
    [InlineData("Kestrel:Endpoints:Clear:Url", "http://127.0.0.1:0", "Http2", "speaks HTTP/2 without TLS and nothing else, which docker", "Try: docker")]
    public async Task The_first_lines_say_what_a_client_needs_and_nothing_that_does_not_work(
        string setting, string address, string? protocols, string expected, string unexpected)
    {
        var log = new LogLines();
        var registry = new Registry { Replace = services => services.AddSingleton(log.ToProvider()) };
        registry.More["urls"] = null;
        registry.More[setting] = address;
        registry.More["Kestrel:Endpoints:Clear:Protocols"] = protocols;
        if (protocols is null)
        {
            registry.More.Remove("Kestrel:Endpoints:Clear:Protocols");
        }

        await registry.InitializeAsync();
        await registry.DisposeAsync();

        log.Text.Should().Contain(expected).And.NotContain(unexpected);
    }

    [Fact(Timeout = 60_000)]
    public async Task Connections_beyond_the_limit_are_closed_and_those_within_it_are_answered()
    {
        var registry = new Registry();
        registry.More["Nixery:Http:MostConnections"] = "1";
        await registry.InitializeAsync();
        var address = registry.Client.BaseAddress!;
        using (var first = new TcpClient(address.Host, address.Port))
        {
            await PingAsync(first);
            using var second = new TcpClient(address.Host, address.Port);
            (await EndAsync(second)).Should().Be(0, "it is closed without a word");
            await PingAsync(first);
        }

        await registry.DisposeAsync();
    }

    private static async Task PingAsync(TcpClient connection)
    {
        await connection.GetStream().WriteAsync("GET /v2/ HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        (await RawAnswer.ReadAsync(connection.GetStream(), isHead: false, CancellationToken.None)).Status.Should().Be(200);
    }

    private static async Task<int> EndAsync(TcpClient connection)
    {
        try
        {
            return await connection.GetStream().ReadAsync(new byte[1]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private (string Name, string? Value)[] Files(string certificate, string? key) =>
    [
        ("Nixery:Tls:CertificateFile", Path.Combine(_folder, certificate)),
        ("Nixery:Tls:KeyFile", key is null ? null : Path.Combine(_folder, key)),
    ];

    private static List<string> ProblemsOf((string Name, string? Value)[] settings, params (string Name, string? Value)[] more)
    {
        try
        {
            Settings.From(Configuration([.. settings, .. more]));
            return [];
        }
        catch (OptionsValidationException e)
        {
            return [.. e.Failures];
        }
    }

    private static IConfigurationRoot Configuration(params (string Name, string? Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Where(s => s.Value is not null).Select(s => KeyValuePair.Create(s.Name, s.Value))).Build();
}
