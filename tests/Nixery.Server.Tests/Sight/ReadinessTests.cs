using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Server.Sight;
using Nixery.Tests;

namespace Nixery.Server.Tests.Sight;

public sealed class ReadinessTests
{
    private const int Limit = 30_000;

    private readonly ManualTime _time = new();

    [Fact(Timeout = Limit)]
    public async Task Until_the_storage_was_looked_at_it_is_not_ready_and_then_it_is()
    {
        var look = new Look();
        using var readiness = Watching(new ReadyCheck("storage", IsVital: true, look.RunAsync));
        await readiness.StartAsync(CancellationToken.None);
        await look.Began;
        HealthPages.StatusOf(readiness.IsDraining, readiness.States).Should().Be((503, "not ready"));

        look.End(ReadyAnswer.Ok);
        await FoundAsync(readiness, ReadyAnswer.Ok);

        HealthPages.StatusOf(readiness.IsDraining, readiness.States).Should().Be((200, "ready"));
        await EndAsync(readiness, look);
    }

    [Fact(Timeout = Limit)]
    public async Task A_look_that_does_not_end_is_found_out_and_no_second_one_begins_beside_it()
    {
        var look = new Look();
        using var readiness = Watching(new ReadyCheck("storage", IsVital: true, look.RunAsync));
        await readiness.StartAsync(CancellationToken.None);
        await look.Began;

        while (readiness.States[0].Answer.State != ReadyState.Failed)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        readiness.States[0].Answer.Problem.Should().Be("does not answer within 10 s");
        look.Count.Should().Be(1);
        look.End(ReadyAnswer.Ok);
        await FoundAsync(readiness, ReadyAnswer.Ok);
        await EndAsync(readiness, look);
    }

    [Fact]
    public void Without_Nix_source_or_disk_space_clients_are_sent_here_all_the_same_since_what_is_stored_is_served()
    {
        CheckedState[] states =
        [
            new("storage", true, ReadyAnswer.Ok, default),
            new("nix", false, new ReadyAnswer(ReadyState.Degraded, "Nix does not answer"), default),
            new("disk", false, ReadyAnswer.NotYet, default),
        ];

        HealthPages.StatusOf(isDraining: false, states).Should().Be((200, "degraded"));
        HealthPages.StatusOf(isDraining: true, states).Should().Be((503, "draining"));
    }

    private Readiness Watching(params ReadyCheck[] checks) => new(checks, new HealthOptions(), _time, NullLogger<Readiness>.Instance);

    /// <summary>Time stands still meanwhile: no next look begins, and none takes too long.</summary>
    private static async Task FoundAsync(Readiness readiness, ReadyAnswer answer)
    {
        while (readiness.States[0].Answer != answer)
        {
            await Task.Yield();
        }
    }

    private static async Task EndAsync(Readiness readiness, Look look)
    {
        var end = readiness.StopAsync(CancellationToken.None);
        look.End(ReadyAnswer.Ok);
        await end;
    }

    /// <summary>A look that ends when it is told.</summary>
    private sealed class Look
    {
        private volatile TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile TaskCompletionSource<ReadyAnswer> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count { get; private set; }

        public Task Began => _began.Task;

        public Task<ReadyAnswer> RunAsync(CancellationToken cancellationToken)
        {
            Count++;
            var end = _end;
            _began.TrySetResult();
            return end.Task;
        }

        public void End(ReadyAnswer answer)
        {
            var (began, end) = (_began, _end);
            _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
            began.TrySetResult();
            end.TrySetResult(answer);
        }
    }
}
