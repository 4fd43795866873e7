using Nixery.Building;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Tests.Building;

public sealed class LimitedImageBuilderTests
{
    private const int Limit = 30_000;
    private readonly HeldBuilder _inner = new();

    [Fact(Timeout = Limit)]
    public async Task No_more_than_the_limit_run_and_the_others_follow_in_order()
    {
        using var limited = new LimitedImageBuilder(_inner, 2, 10);
        var calls = Enumerable.Range(0, 5).Select(i => EvaluateAsync(limited, $"n{i}", CancellationToken.None)).ToArray();
        _inner.Started.Should().Equal("n0", "n1");

        for (var i = 0; i < calls.Length; i++)
        {
            await _inner.StartOf($"n{i}");
            _inner.Started.Should().HaveCountLessThanOrEqualTo(i + 2);
            _inner.Finish($"n{i}");
            await calls[i];
        }

        _inner.Started.Should().Equal("n0", "n1", "n2", "n3", "n4");
    }

    [Fact(Timeout = Limit)]
    public async Task Who_gives_up_waiting_takes_no_place()
    {
        using var limited = new LimitedImageBuilder(_inner, 1, 10);
        using var cancel = new CancellationTokenSource();
        var first = EvaluateAsync(limited, "first", CancellationToken.None);
        var second = EvaluateAsync(limited, "second", cancel.Token);
        var third = EvaluateAsync(limited, "third", CancellationToken.None);
        await cancel.CancelAsync();
        await second.Awaiting(s => s).Should().ThrowAsync<OperationCanceledException>();

        _inner.Finish("first");
        await first;
        await _inner.StartOf("third");
        _inner.Finish("third");
        await third;

        _inner.Started.Should().Equal("first", "third");
    }

    [Fact(Timeout = Limit)]
    public async Task Beyond_the_longest_queue_the_answer_is_busy_at_once()
    {
        using var limited = new LimitedImageBuilder(_inner, 1, 1);
        var first = EvaluateAsync(limited, "first", CancellationToken.None);
        var second = EvaluateAsync(limited, "second", CancellationToken.None);

        (await limited.RealiseAsync([], CancellationToken.None)).Should().BeOfType<RealisationOutcome.Busy>();

        _inner.Finish("first");
        await first;
        _inner.Finish("second");
        await second;
        (await limited.RealiseAsync([], CancellationToken.None)).Should().BeOfType<RealisationOutcome.TimedOut>();
    }

    [Fact(Timeout = Limit)]
    public async Task A_failure_gives_its_place_back()
    {
        using var limited = new LimitedImageBuilder(_inner, 1, 10);
        var failing = EvaluateAsync(limited, "failing", CancellationToken.None);
        _inner.Fail("failing");
        await failing.Awaiting(f => f).Should().ThrowAsync<InvalidDataException>();

        var realisation = await limited.RealiseAsync([], CancellationToken.None);

        realisation.Should().BeOfType<RealisationOutcome.TimedOut>();
    }

    private static Task<EvaluationOutcome> EvaluateAsync(LimitedImageBuilder limited, string name, CancellationToken cancellationToken) =>
        limited.EvaluateAsync(new PinnedSource.Folder("/set", ""), Platform.Amd64, [PackageName.Parse(name)], cancellationToken);

    /// <summary>Ends an evaluation when it is told to.</summary>
    private sealed class HeldBuilder : IImageBuilder
    {
        private readonly Lock _gate = new();
        private readonly List<string> _started = [];
        private readonly Dictionary<string, (TaskCompletionSource Start, TaskCompletionSource<EvaluationOutcome> End)> _calls = [];

        public IReadOnlyList<string> Started
        {
            get
            {
                lock (_gate)
                {
                    return [.. _started];
                }
            }
        }

        public Task<ListingOutcome> ListAsync(PinnedSource source, Platform platform, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("nothing is listed here");

        public Task<EvaluationOutcome> EvaluateAsync(
            PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                _started.Add(names[0].Text);
            }

            var (start, end) = CallOf(names[0].Text);
            start.SetResult();
            return end.Task;
        }

        public Task<RealisationOutcome> RealiseAsync(IReadOnlyList<Package> packages, CancellationToken cancellationToken) =>
            Task.FromResult<RealisationOutcome>(new RealisationOutcome.TimedOut(TimeSpan.Zero));

        public Task StartOf(string name) => CallOf(name).Start.Task;

        public void Finish(string name) => CallOf(name).End.SetResult(new EvaluationOutcome.Answered([], null));

        public void Fail(string name) => CallOf(name).End.SetException(new InvalidDataException());

        private (TaskCompletionSource Start, TaskCompletionSource<EvaluationOutcome> End) CallOf(string name)
        {
            lock (_gate)
            {
                if (!_calls.TryGetValue(name, out var call))
                {
                    var where = TaskCreationOptions.RunContinuationsAsynchronously;
                    _calls[name] = call = (new TaskCompletionSource(where), new TaskCompletionSource<EvaluationOutcome>(where));
                }

                return call;
            }
        }
    }
}
