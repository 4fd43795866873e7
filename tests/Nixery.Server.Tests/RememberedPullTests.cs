using System.Net;
using System.Text.Json;
using Nixery.Oci;

namespace Nixery.Server.Tests;

/// <summary>What was learned at a pull is not asked again, and what is gone is made again.</summary>
public sealed class RememberedPullTests : IAsyncLifetime
{
    private readonly Registry _registry = new();

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task An_image_whose_blobs_were_deleted_is_made_again_without_asking_anew()
    {
        using var first = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        Directory.Delete(Path.Combine(_registry.StorageFolder, "blobs"), recursive: true);

        using var second = await _registry.Client.GetAsync("/v2/hello/manifests/latest");

        second.StatusCode.Should().Be(HttpStatusCode.OK);
        DigestOf(second).Should().Be(DigestOf(first));
        (_registry.Builder.Evaluations, _registry.Builder.Realisations).Should().Be((1, 1));
        foreach (var layer in JsonDocument.Parse(await second.Content.ReadAsStringAsync()).RootElement.GetProperty("layers").EnumerateArray())
        {
            using var blob = await _registry.Client.GetAsync($"/v2/hello/blobs/{layer.GetProperty("digest").GetString()}");
            blob.StatusCode.Should().Be(HttpStatusCode.OK);
        }
    }

    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_layer_that_is_gone_or_cut_is_made_again(bool isGone)
    {
        using var first = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        var layer = JsonDocument.Parse(await first.Content.ReadAsStringAsync()).RootElement.GetProperty("layers")[0].GetProperty("digest").GetString()!;
        var file = Directory.EnumerateFiles(_registry.StorageFolder, layer["sha256:".Length..], SearchOption.AllDirectories).Single();
        if (isGone)
        {
            File.Delete(file);
        }
        else
        {
            await using var open = File.OpenWrite(file);
            open.SetLength(open.Length / 2);
        }

        await _registry.RestartAsync();
        using var second = await _registry.Client.GetAsync("/v2/hello/manifests/latest");

        DigestOf(second).Should().Be(DigestOf(first));
        var bytes = await _registry.Client.GetByteArrayAsync($"/v2/hello/blobs/{layer}");
        Digest.Of(bytes).ToString().Should().Be(layer);
        _registry.Builder.Realisations.Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_new_combination_of_known_packages_asks_nobody()
    {
        using var known = await _registry.Client.GetAsync("/v2/a/b/c/manifests/latest");
        using var combination = await _registry.Client.GetAsync("/v2/c/a/manifests/latest");

        combination.StatusCode.Should().Be(HttpStatusCode.OK);
        DigestOf(combination).Should().NotBe(DigestOf(known));
        (_registry.Builder.Evaluations, _registry.Builder.Realisations).Should().Be((1, 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Half_known_packages_are_asked_for_by_the_other_half()
    {
        using var known = await _registry.Client.GetAsync("/v2/a/b/manifests/latest");
        using var more = await _registry.Client.GetAsync("/v2/a/b/d/manifests/latest");

        more.StatusCode.Should().Be(HttpStatusCode.OK);
        _registry.Builder.LastAsked.Should().Equal("d");
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_failed_build_has_left_in_the_store_is_not_packed()
    {
        using var first = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        Directory.Delete(Path.Combine(_registry.StorageFolder, "blobs"), recursive: true);
        var left = Directory.EnumerateDirectories(_registry.StoreFolder, "*-hello-1.0").Single();
        await File.WriteAllBytesAsync(Path.Combine(left, "bin", "hello"), Enumerable.Repeat((byte)'E', 1000).ToArray());
        Directory.SetLastWriteTimeUtc(left, TimeProvider.System.GetUtcNow().UtcDateTime);

        using var second = await _registry.Client.GetAsync("/v2/hello/manifests/latest");

        second.StatusCode.Should().Be(HttpStatusCode.OK);
        _registry.Builder.Realisations.Should().Be(2, "Nix says whether it is whole, and this one it would build again");
    }

    [Fact(Timeout = 60_000)]
    public async Task What_the_store_has_not_all_of_any_more_is_realised_again()
    {
        using var first = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        Directory.Delete(Path.Combine(_registry.StorageFolder, "blobs"), recursive: true);
        var file = Directory.EnumerateFiles(_registry.StoreFolder, "libhello.so", SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(file, "half");

        using var second = await _registry.Client.GetAsync("/v2/hello/manifests/latest");

        DigestOf(second).Should().Be(DigestOf(first));
        _registry.Builder.Realisations.Should().Be(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_image_is_not_made_without_the_certificates_that_the_set_has_and_cannot_give()
    {
        _registry.Builder.HasBrokenCertificates = true;

        using var answer = await _registry.Client.GetAsync("/v2/hello/manifests/latest");

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("cacert cannot be evaluated");
        _registry.Builder.Realisations.Should().Be(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_failed_build_is_remembered_and_a_fault_is_not()
    {
        (await StatusesAsync("build-fails", "build-fails")).Should().Equal(403, 403);
        _registry.Builder.Realisations.Should().Be(1);

        (await StatusesAsync("build-unavailable", "build-unavailable", "build-too-long", "build-too-long")).Should().Equal(503, 503, 403, 403);
        _registry.Builder.Realisations.Should().Be(5);

        (await StatusesAsync("missing", "missing")).Should().Equal(404, 404);
        (await StatusesAsync("evaluation-unavailable", "evaluation-unavailable")).Should().Equal(503, 503);
        _registry.Builder.Evaluations.Should().Be(3 + 1 + 2);
    }

    [Fact(Timeout = 60_000)]
    public async Task Records_that_are_damaged_count_as_absent()
    {
        using var first = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        foreach (var record in Directory.EnumerateFiles(Path.Combine(_registry.StorageFolder, "records"), "*", SearchOption.AllDirectories))
        {
            await File.WriteAllTextAsync(record, "{\"Digest\":\"sha256:../../etc/passwd\"");
        }

        await _registry.RestartAsync();
        using var second = await _registry.Client.GetAsync("/v2/hello/manifests/latest");

        second.StatusCode.Should().Be(HttpStatusCode.OK);
        DigestOf(second).Should().Be(DigestOf(first));
        _registry.Builder.Realisations.Should().Be(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_restart_loses_nothing_of_what_is_remembered()
    {
        using var first = await _registry.Client.GetAsync("/v2/a/b/manifests/latest");
        await _registry.RestartAsync();

        using var again = await _registry.Client.GetAsync("/v2/a/b/manifests/latest");
        using var combination = await _registry.Client.GetAsync("/v2/b/manifests/latest");

        DigestOf(again).Should().Be(DigestOf(first));
        combination.StatusCode.Should().Be(HttpStatusCode.OK);
        (_registry.Builder.Evaluations, _registry.Builder.Realisations).Should().Be((1, 1));
    }

    private static string DigestOf(HttpResponseMessage answer) => answer.Headers.GetValues("Docker-Content-Digest").Single();

    private async Task<IReadOnlyList<int>> StatusesAsync(params string[] images)
    {
        var statuses = new List<int>();
        foreach (var image in images)
        {
            using var answer = await _registry.Client.GetAsync($"/v2/{image}/manifests/latest");
            statuses.Add((int)answer.StatusCode);
        }

        return statuses;
    }
}
