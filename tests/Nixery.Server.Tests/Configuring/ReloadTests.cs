using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Doubles;
using Nixery.Server.Configuring;

namespace Nixery.Server.Tests.Configuring;

/// <summary>The settings file is changed while the server runs.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private const int Limit = 60_000;
    private readonly Registry _registry = new();
    private readonly LogLines _log = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-reload-").FullName;

    private string Place => Path.Combine(_folder, "nixery.json");

    public Task InitializeAsync()
    {
        _registry.More["NIXERY_CONFIG"] = Place;
        _registry.Replace = services => services.AddSingleton(_log.ToProvider());
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact(Timeout = Limit)]
    public async Task Rules_that_change_hold_at_once_also_for_what_is_stored_and_the_rest_is_said_to_need_a_restart()
    {
        await StartAsync("""{ "Nixery": { "Layers": { "Budget": 60 } } }""");
        (await StatusAsync("git")).Should().Be(HttpStatusCode.OK);

        Change("""{ "Nixery": { "Layers": { "Budget": 50 }, "Policy": { "DenyPackages": ["git"] } } }""");

        (await StatusAsync("git")).Should().Be(HttpStatusCode.Forbidden);
        (await StatusAsync("hello")).Should().Be(HttpStatusCode.OK);
        _log.Text.Should().Contain("Settings changed and in force: Nixery:Policy:DenyPackages:0");
        _log.Text.Should().Contain("need a restart, and are not in force yet: Nixery:Layers:Budget");

        Change("""{ "Nixery": { "Layers": { "Budget": 60 } } }""");

        (await StatusAsync("git")).Should().Be(HttpStatusCode.OK);
    }

    [Theory(Timeout = Limit)]
    [InlineData("{ \"Nixery\": { \"Policy\": { \"DenyPackages\": [", "line 1")]
    [InlineData("{ \"Nixery\": { \"Limits\": { \"Packages\": -1 } } }", "Nixery:Limits:Packages is -1")]
    public async Task A_broken_file_changes_nothing_and_the_log_says_why(string broken, string expected)
    {
        await StartAsync("""{ "Nixery": { "Policy": { "DenyPackages": ["git"] } } }""");

        Change(broken);

        (await StatusAsync("git")).Should().Be(HttpStatusCode.Forbidden);
        _log.Text.Should().MatchRegex($"Warning .*all stays as it was: .*{expected}");

        // What is right again is compared with what is in force, not with what was broken.
        Change("""{ "Nixery": { } }""");
        (await StatusAsync("git")).Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = Limit)]
    public async Task A_file_that_is_gone_changes_nothing()
    {
        await StartAsync("""{ "Nixery": { "Policy": { "DenyPackages": ["git"] } } }""");

        File.Delete(Place);
        Look();

        (await StatusAsync("git")).Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact(Timeout = Limit)]
    public async Task A_file_that_did_not_change_says_nothing()
    {
        await StartAsync("""{ "Nixery": { "Policy": { "DenyPackages": ["git"] } } }""");

        Look();
        Look();

        _log.Text.Should().NotContain("Settings changed").And.NotContain("need a restart").And.NotContain("as it was");
    }

    [Fact(Timeout = Limit)]
    public async Task A_key_pair_that_was_replaced_is_signed_with_and_never_logged()
    {
        await using var bucket = await S3Double.StartAsync();
        await StartAsync(KeysOf(bucket, S3Double.AccessKey, S3Double.SecretKey));
        (await StatusAsync("hello")).Should().Be(HttpStatusCode.OK);

        bucket.ReplaceKeys("AKNEW", "the new secret");
        (await StatusAsync("git")).Should().Be(HttpStatusCode.ServiceUnavailable, "the old pair is not believed any more");
        Change(KeysOf(bucket, "AKNEW", "the new secret"));

        (await StatusAsync("git")).Should().Be(HttpStatusCode.OK);
        _log.Text.Should().Contain("in force: Nixery:Storage:S3:AccessKey, Nixery:Storage:S3:SecretKey").And.NotContain("the new secret");
    }

    private static string KeysOf(S3Double bucket, string accessKey, string secretKey) => $$"""
        { "Nixery": { "Storage": { "Kind": "s3", "Patience": "00:00:00", "S3": {
            "Bucket": "{{S3Double.Bucket}}", "Endpoint": "{{bucket.Address}}", "Region": "{{S3Double.Region}}", "AccessKey": "{{accessKey}}", "SecretKey": "{{secretKey}}"
        } } } }
        """;

    private Task StartAsync(string content)
    {
        File.WriteAllText(Place, content);
        return _registry.InitializeAsync();
    }

    private void Change(string content)
    {
        File.WriteAllText(Place, content);
        Look();
    }

    private void Look() => _registry.Services.GetRequiredService<ReloadWatch>().Look();

    private async Task<HttpStatusCode> StatusAsync(string image)
    {
        using var answer = await _registry.Client.GetAsync($"/v2/{image}/manifests/latest");
        return answer.StatusCode;
    }
}
