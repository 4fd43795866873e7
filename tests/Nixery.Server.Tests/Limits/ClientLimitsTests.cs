using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Nixery.Tests;

namespace Nixery.Server.Tests.Limits;

/// <summary>What one client may take; another client is not hindered.</summary>
public sealed class ClientLimitsTests : IAsyncLifetime
{
    private const int Limit = 60_000;
    private readonly ManualTime _time = new();
    private readonly Registry _registry;
    private bool _isStarted;
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClientLimitsTests() => _registry = new Registry { Time = _time };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _gate.TrySetResult();
        if (_isStarted)
        {
            await _registry.DisposeAsync();
        }
    }

    [Fact(Timeout = Limit)]
    public async Task Builds_beyond_those_of_an_hour_are_refused_until_the_hour_is_over_and_what_is_stored_is_not()
    {
        await StartAsync(("BuildsPerHour", "2"));
        (await PullAsync("git")).StatusCode.Should().Be(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromMinutes(20));
        (await PullAsync("missing")).StatusCode.Should().Be(HttpStatusCode.NotFound, "names that are not there are evaluated too");

        using var refused = await PullAsync("hello");

        await IsRefusedAsync(refused, TimeSpan.FromMinutes(40), "2 builds an hour", "in 40 min");
        (await PullAsync("git")).StatusCode.Should().Be(HttpStatusCode.OK);
        using var other = ClientAt("127.0.0.2");
        (await other.GetAsync("/v2/hello/manifests/latest")).StatusCode.Should().Be(HttpStatusCode.OK);

        _time.Advance(TimeSpan.FromMinutes(40));
        (await PullAsync("curl")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = Limit)]
    public async Task Builds_of_a_client_that_has_left_are_its_own_still_and_the_queue_is_free_for_others()
    {
        await StartAsync(("BuildsAtOnce", "1"));
        _registry.Builder.EvaluationGate = _gate.Task;
        using (var leaving = new CancellationTokenSource())
        {
            var left = _registry.Client.GetAsync("/v2/invented/manifests/latest", leaving.Token);
            await EvaluationsAsync(1);
            await leaving.CancelAsync();
            await FluentActions.Awaiting(() => left).Should().ThrowAsync<OperationCanceledException>();
        }

        using var refused = await PullAsync("git");
        using var other = ClientAt("127.0.0.2");
        var others = other.GetAsync("/v2/hello/manifests/latest");
        await EvaluationsAsync(2);
        _gate.SetResult();

        await IsRefusedAsync(refused, TimeSpan.FromSeconds(10), "1 builds at a time");
        (await others).StatusCode.Should().Be(HttpStatusCode.OK);
        await UntilAsync(async () => (await PullAsync("git")).StatusCode == HttpStatusCode.OK);
    }

    [Fact(Timeout = Limit)]
    public async Task Who_joins_a_build_of_another_is_not_charged_for_it()
    {
        await StartAsync(("BuildsPerHour", "1"));
        _registry.Builder.EvaluationGate = _gate.Task;
        using var other = ClientAt("127.0.0.2");
        var first = other.GetAsync("/v2/git/manifests/latest");
        await EvaluationsAsync(1);
        var joined = PullAsync("git");
        _gate.SetResult();

        (await first).StatusCode.Should().Be(HttpStatusCode.OK);
        (await joined).StatusCode.Should().Be(HttpStatusCode.OK);
        (await PullAsync("hello")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await PullAsync("curl")).StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
    }

    [Fact(Timeout = Limit)]
    public async Task Pulls_at_a_time_are_counted_while_they_wait()
    {
        await StartAsync(("PullsAtOnce", "1"));
        _registry.Builder.Gate = _gate.Task;
        var waiting = PullAsync("git");
        await EvaluationsAsync(1);

        using var refused = await PullAsync("hello");
        using var ping = await _registry.Client.GetAsync("/v2/");
        _gate.SetResult();

        await IsRefusedAsync(refused, TimeSpan.FromSeconds(5), "1 pulls at a time");
        ping.StatusCode.Should().Be(HttpStatusCode.OK);
        (await waiting).StatusCode.Should().Be(HttpStatusCode.OK);
        (await PullAsync("hello")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = Limit)]
    public async Task Bytes_beyond_those_of_an_hour_are_refused_with_the_time_until_there_are_more()
    {
        await StartAsync(("BytesPerHour", "1000"));
        var blob = await LayerAsync("git");
        using var head = await _registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, blob));
        head.StatusCode.Should().Be(HttpStatusCode.OK, "no bytes are sent for HEAD");
        var sent = 0L;
        while (sent < 1000)
        {
            sent += (await _registry.Client.GetByteArrayAsync(blob)).Length;
        }

        using var refused = await _registry.Client.GetAsync(blob);

        await IsRefusedAsync(refused, TimeSpan.FromHours(1), "1000 bytes an hour", "in 60 min");
        using var other = ClientAt("127.0.0.2");
        (await other.GetAsync(blob)).StatusCode.Should().Be(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromHours(1));
        (await _registry.Client.GetAsync(blob)).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private static async Task IsRefusedAsync(HttpResponseMessage answer, TimeSpan freeIn, params string[] words)
    {
        answer.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        answer.Headers.RetryAfter!.Delta.Should().Be(freeIn);
        var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("errors")[0];
        error.GetProperty("code").GetString().Should().Be("TOOMANYREQUESTS");
        error.GetProperty("message").GetString().Should().ContainAll(words);
    }

    private Task StartAsync(params (string Name, string Value)[] limits)
    {
        foreach (var (name, value) in limits)
        {
            _registry.More[$"Nixery:Limits:{name}"] = value;
        }

        _isStarted = true;
        return _registry.InitializeAsync();
    }

    private Task<HttpResponseMessage> PullAsync(string image) => _registry.Client.GetAsync($"/v2/{image}/manifests/latest");

    private Task EvaluationsAsync(int count) => UntilAsync(() => Task.FromResult(_registry.Builder.Evaluations >= count));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Yield();
        }
    }

    private async Task<string> LayerAsync(string image)
    {
        using var answer = await PullAsync(image);
        var manifest = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        return $"/v2/{image}/blobs/{manifest.GetProperty("layers")[0].GetProperty("digest").GetString()}";
    }

    /// <summary>One that has another address of this machine.</summary>
    private HttpClient ClientAt(string address)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, token) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = _registry.Client.BaseAddress };
    }
}
