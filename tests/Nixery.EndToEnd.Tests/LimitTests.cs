using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>Limits and policy with the real Nix, on the package set of the fixtures.</summary>
public sealed class LimitTests : IDisposable
{
    private const int Limit = 180_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Packages_are_refused_by_licence_by_another_name_and_by_size_and_others_are_served()
    {
        await using var server = await ServeAsync(
            ("Nixery__Policy__DenyLicences__0", "BSD*"),
            ("Nixery__Policy__DenyPackages__0", "numpy"),
            ("Nixery__Policy__DenyPackages__1", "TWICE-upper"),
            ("Nixery__Limits__ClosureBytes", "300"));
        using var client = server.CreateClient();

        await IsDeniedAsync(client, "camelcase/hello", "hello has a licence that this registry does not allow", "Nixery:Policy:DenyLicences");
        await IsDeniedAsync(client, "capitalpackages.numpy", "'numpy' of Nixery:Policy:DenyPackages");
        await IsDeniedAsync(client, "twice", "'TWICE-upper' of Nixery:Policy:DenyPackages");
        await IsDeniedAsync(client, "toolkit", "300 bytes at most", "the largest is toolkit");
        (await client.ManifestAsync("camelcase")).Status.Should().Be(200);
        Directory.EnumerateFiles(Path.Combine(RunningServer.StorageOf(_folder.Path), "blobs"), "*", SearchOption.AllDirectories)
            .Should().HaveCountLessThanOrEqualTo(5, "the blobs and manifests of one small image");
    }

    [Fact(Timeout = Limit)]
    public async Task Where_nothing_is_built_what_the_store_has_is_served_and_what_it_lacks_is_named()
    {
        var token = Guid.NewGuid().ToString("N");
        await using (var building = await ServeAsync(("NIXERY_TEST_TOKEN", token)))
        {
            using var first = building.CreateClient();
            (await first.ManifestAsync("camelcase")).Status.Should().Be(200);
            await building.StopAsync();
        }

        // A storage of its own: nothing is remembered.
        Directory.Delete(RunningServer.StorageOf(_folder.Path), recursive: true);
        await using var server = await ServeAsync(("NIXERY_TEST_TOKEN", token), ("Nixery__Nix__SubstituteOnly", "true"));
        using var client = server.CreateClient();

        (await client.ManifestAsync("camelcase")).Status.Should().Be(200);
        await IsDeniedAsync(client, "camelcase/unbuilt", "unbuilt-1.0 would have to be built", "Nixery:Nix:SubstituteOnly");
    }

    [Fact(Timeout = Limit)]
    public async Task What_a_client_may_have_in_an_hour_is_counted_and_it_is_told_when_there_is_more()
    {
        await using var server = await ServeAsync(("Nixery__Limits__BuildsPerHour", "1"), ("Nixery__Limits__BytesPerHour", "1"));
        using var client = server.CreateClient();
        var first = await client.ManifestAsync("camelcase");
        first.Status.Should().Be(200, first.Text);
        var blobs = PulledImage.DigestsIn(first.Body).ToList();

        IsOver(await client.ManifestAsync("toolkit"), "Nixery:Limits:BuildsPerHour");
        (await client.ManifestAsync("camelcase")).Status.Should().Be(200, "what is stored is no build");

        (await client.GetAsync($"/v2/camelcase/blobs/{blobs[0]}", null, CancellationToken.None)).Status.Should().Be(200, "the last blob of an hour is sent whole");
        IsOver(await client.GetAsync($"/v2/camelcase/blobs/{blobs[1]}", null, CancellationToken.None), "Nixery:Limits:BytesPerHour");
    }

    private Task<RunningServer> ServeAsync(params (string Name, string Value)[] environment) => RunningServer.StartOnSetAsync(
        _folder.Path,
        // The fixtures, and one that nobody has ever built.
        $$"""
        args: import {{Fixtures}} args // {
          unbuilt = derivation { name = "unbuilt-1.0"; inherit (args) system; builder = "/bin/sh"; args = [ "-c" "echo {{Guid.NewGuid()}} > $out; exit 0" ]; };
        }
        """,
        environment.ToDictionary(e => e.Name, e => (string?)e.Value));

    private static string Fixtures => Path.GetFullPath(Path.Combine(
        typeof(LimitTests).Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyMetadataAttribute), inherit: false)
            .Cast<System.Reflection.AssemblyMetadataAttribute>().Single(a => a.Key == "TestsFolder").Value!,
        "fixtures",
        "packages"));

    private static void IsOver(Answer answer, string setting)
    {
        (answer.Status, answer.Error.Code).Should().Be((429, "TOOMANYREQUESTS"), answer.Text);
        answer.Error.Message.Should().Contain(setting);
        answer.RetryAfter.Should().BeGreaterThan(TimeSpan.Zero).And.BeLessThanOrEqualTo(TimeSpan.FromHours(1));
    }

    private static async Task IsDeniedAsync(RegistryClient client, string image, params string[] words)
    {
        var answer = await client.ManifestAsync(image);
        (answer.Status, answer.Error.Code).Should().Be((403, "DENIED"), answer.Text);
        answer.Error.Message.Should().ContainAll(words);
    }
}
