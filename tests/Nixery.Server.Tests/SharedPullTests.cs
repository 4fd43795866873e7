using System.Net;
using System.Text.Json;
using Nixery.Images;
using Nixery.Oci;
using Nixery.Pulls;
using Nixery.Tests;

namespace Nixery.Server.Tests;

public sealed class SharedPullTests : IAsyncLifetime
{
    private readonly Registry _registry = new();

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task Equal_pulls_in_flight_share_one_build_that_outlives_a_client()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _registry.Builder.Gate = gate.Task;
        using var leaving = new CancellationTokenSource();

        var leaves = _registry.Client.GetAsync("/v2/hello/git/manifests/latest", leaving.Token);
        var stay = Enumerable.Range(0, 20).Select(_ => _registry.Client.GetAsync("/v2/git/hello/manifests/latest", CancellationToken.None)).ToList();
        while (_registry.Builder.Realisations == 0)
        {
            await Task.Yield();
        }

        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => leaves).Should().ThrowAsync<OperationCanceledException>();
        gate.SetResult();

        (await Task.WhenAll(stay)).Should().OnlyContain(a => a.StatusCode == HttpStatusCode.OK);
        _registry.Builder.Realisations.Should().Be(1);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_pull_that_has_waited_long_enough_is_told_to_come_back_and_finds_the_image_then()
    {
        var time = new ManualTime();
        await using var held = new AsyncRegistry(new Registry { Time = time });
        await held.Registry.InitializeAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        held.Registry.Builder.Gate = gate.Task;

        var pull = held.Registry.Client.GetAsync("/v2/hello/manifests/latest");
        while (held.Registry.Builder.Realisations == 0)
        {
            await Task.Yield();
        }

        time.Advance(TimeSpan.FromMinutes(9));
        pull.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromMinutes(2));
        using var early = await pull;
        gate.SetResult();
        using var late = await held.Registry.Client.GetAsync("/v2/hello/manifests/latest");

        early.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        early.Headers.RetryAfter!.Delta.Should().Be(TimeSpan.FromSeconds(30));
        (await early.Content.ReadAsStringAsync()).Should().Contain("TOOMANYREQUESTS").And.Contain("the build goes on");
        late.StatusCode.Should().Be(HttpStatusCode.OK);
        held.Registry.Builder.Realisations.Should().Be(1);
    }

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
    public async Task What_an_index_has_evaluated_needs_no_evaluation_at_a_pull_or_at_another_index()
    {
        var lines = new List<IndexProgress>();
        var result = await _registry.Index.RunAsync("", Tag.Latest, Platform.Amd64, [], new Lines(lines), CancellationToken.None);
        await _registry.Index.RunAsync("", Tag.Latest, Platform.Amd64, [.. new[] { "git", "git", "cacert", "iana-etc" }.Select(PackageName.Parse)], new Lines(lines), CancellationToken.None);
        var evaluations = _registry.Builder.Evaluations;

        using var pull = await _registry.Client.GetAsync("/v2/git/hello/manifests/latest");

        result.Problem.Should().BeNull();
        lines[0].Should().Be(new IndexProgress(4, 4, 2));
        pull.StatusCode.Should().Be(HttpStatusCode.OK);
        _registry.Builder.Evaluations.Should().Be(evaluations);
        (await _registry.Index.RunAsync("nope", Tag.Latest, Platform.Amd64, [], new Lines(lines), CancellationToken.None)).Problem.Should().Contain("nope");
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

    private sealed class AsyncRegistry(Registry registry) : IAsyncDisposable
    {
        public Registry Registry => registry;

        public async ValueTask DisposeAsync() => await registry.DisposeAsync();
    }

    private sealed class Lines(List<IndexProgress> lines) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => lines.Add(value);
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
