using System.Net;

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
    public async Task An_image_whose_manifest_was_deleted_is_made_again()
    {
        using var first = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        Directory.Delete(Path.Combine(_registry.StorageFolder, "blobs"), recursive: true);

        using var second = await _registry.Client.GetAsync("/v2/hello/manifests/latest");

        second.StatusCode.Should().Be(HttpStatusCode.OK);
        second.Headers.GetValues("Docker-Content-Digest").Should().Equal(first.Headers.GetValues("Docker-Content-Digest"));
        _registry.Builder.Realisations.Should().Be(2);
    }

    [Fact(Timeout = 60_000)]
    public async Task Records_that_are_damaged_count_as_absent()
    {
        using var first = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        foreach (var record in Directory.EnumerateFiles(Path.Combine(_registry.StorageFolder, "records"), "*", SearchOption.AllDirectories))
        {
            await File.WriteAllTextAsync(record, "{\"Digest\":\"sha256:../../etc/passwd\"");
        }

        using var second = await _registry.Client.GetAsync("/v2/hello/manifests/latest");

        second.StatusCode.Should().Be(HttpStatusCode.OK);
        second.Headers.GetValues("Docker-Content-Digest").Should().Equal(first.Headers.GetValues("Docker-Content-Digest"));
    }
}
