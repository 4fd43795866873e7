using System.Net;
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

    private sealed class AsyncRegistry(Registry registry) : IAsyncDisposable
    {
        public Registry Registry => registry;

        public async ValueTask DisposeAsync() => await registry.DisposeAsync();
    }
}
