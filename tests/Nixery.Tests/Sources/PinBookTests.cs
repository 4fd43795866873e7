using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Tests.Sources;

public sealed class PinBookTests : IDisposable
{
    private const int Limit = 60_000;
    private static readonly Tag Branch = Tag.Parse("branch");
    private static readonly string Old = new('1', 40);
    private static readonly string New = new('2', 40);

    private readonly HashSet<string> _rejected = [];
    private readonly ManualTime _time = new();
    private readonly MemoryRecords _records = new();
    private readonly FixedSource _source = new();
    private readonly WarningCount _log = new();
    private readonly List<PinBook> _books = [];
    private readonly PinBook _book;

    public PinBookTests() => _book = Book();

    public void Dispose() => _books.ForEach(b => b.Dispose());

    [Fact(Timeout = Limit)]
    public async Task A_pin_serves_for_its_time_and_is_then_looked_up_again()
    {
        (await RevisionAsync()).Should().Be(Old);
        _source.Meaning = Moved;
        _time.Advance(TimeSpan.FromMinutes(4.9));
        (await RevisionAsync()).Should().Be(Old);
        _time.Advance(TimeSpan.FromMinutes(0.2));
        (await RevisionAsync()).Should().Be(New);
        _source.Calls.Should().Be(2);
    }

    [Fact(Timeout = Limit)]
    public async Task A_pin_in_use_is_looked_up_before_it_runs_out_and_no_request_waits_for_it()
    {
        await RevisionAsync();
        _time.Advance(TimeSpan.FromMinutes(4));
        await RevisionAsync();
        var gate = _source.Close();
        _source.Meaning = Moved;

        var refresh = _book.RefreshAsync(CancellationToken.None);
        (await RevisionAsync()).Should().Be(Old);
        gate.SetResult();
        await refresh;

        (await RevisionAsync()).Should().Be(New);
        _time.Advance(TimeSpan.FromMinutes(4));
        (await RevisionAsync()).Should().Be(New);
        _source.Calls.Should().Be(2);
    }

    [Fact(Timeout = Limit)]
    public async Task What_nobody_uses_and_what_is_fresh_is_not_looked_up()
    {
        await RevisionAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        await RevisionAsync();
        await _book.RefreshAsync(CancellationToken.None);
        _source.Calls.Should().Be(1);

        _time.Advance(TimeSpan.FromMinutes(4));
        await _book.RefreshAsync(CancellationToken.None);
        _source.Calls.Should().Be(2);

        _time.Advance(TimeSpan.FromDays(1));
        await _book.RefreshAsync(CancellationToken.None);
        _source.Calls.Should().Be(2);
    }

    [Fact(Timeout = Limit)]
    public async Task The_old_pin_serves_while_the_source_is_down_and_each_failure_is_logged_once()
    {
        await RevisionAsync();
        _source.Meaning = Down;
        _time.Advance(TimeSpan.FromMinutes(6));

        (await RevisionAsync()).Should().Be(Old);
        (await RevisionAsync()).Should().Be(Old);
        _source.Calls.Should().Be(2);
        _log.Count.Should().Be(1);
        _book.Status().Should().ContainSingle().Which.Should().BeEquivalentTo(
            new PinStatus("branch", Old, TimeSpan.FromMinutes(6), new PinFailure("down", _time.GetUtcNow())));

        // Tried again sooner than a good pin would be.
        _time.Advance(TimeSpan.FromSeconds(30));
        await RevisionAsync();
        _source.Meaning = Moved;
        await _book.RefreshAsync(CancellationToken.None);
        (await RevisionAsync()).Should().Be(New);
        _book.Status().Single().Failure.Should().BeNull();
    }

    [Fact(Timeout = Limit)]
    public async Task After_a_restart_with_the_source_down_the_last_known_pin_serves()
    {
        await RevisionAsync();
        _source.Meaning = Down;
        var restarted = Book();

        (await restarted.PinAsync(Branch, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision.Should().Be(Old);
        restarted.Status().Single().Failure.Should().NotBeNull();
        (await restarted.PinAsync(Tag.Parse("other"), CancellationToken.None)).Should().BeOfType<PinOutcome.Unavailable>();
    }

    [Fact(Timeout = Limit)]
    public async Task After_a_restart_with_the_source_up_the_source_is_asked()
    {
        await RevisionAsync();
        _source.Meaning = Moved;
        var restarted = Book();

        (await restarted.PinAsync(Branch, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision.Should().Be(New);
    }

    [Fact(Timeout = Limit)]
    public async Task What_a_tag_meant_can_be_asked_for_by_its_commit_for_ever()
    {
        await RevisionAsync();
        _source.Meaning = _ => new PinOutcome.UnknownTag("commits are not allowed");
        var restarted = Book();

        (await restarted.PinAsync(Tag.Parse(Old), CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision.Should().Be(Old);
        _time.Advance(TimeSpan.FromDays(400));
        await restarted.PinAsync(Tag.Parse(Old), CancellationToken.None);
        await restarted.RefreshAsync(CancellationToken.None);
        _source.Calls.Should().Be(1);
        (await restarted.PinAsync(Tag.Parse(New), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();
    }

    [Fact(Timeout = Limit)]
    public async Task Equal_look_ups_in_flight_are_one_and_go_on_when_a_caller_leaves()
    {
        var gate = _source.Close();
        using var leaving = new CancellationTokenSource();
        var leaves = _book.PinAsync(Branch, leaving.Token);
        var stay = Enumerable.Range(0, 20).Select(_ => _book.PinAsync(Branch, CancellationToken.None)).ToList();

        await leaving.CancelAsync();
        await FluentActions.Awaiting(() => leaves).Should().ThrowAsync<OperationCanceledException>();
        gate.SetResult();

        (await Task.WhenAll(stay)).Should().OnlyContain(p => p is PinOutcome.Pinned);
        _source.Calls.Should().Be(1);
    }

    [Fact(Timeout = Limit)]
    public async Task That_a_tag_is_unknown_is_remembered_for_a_short_while()
    {
        _source.Meaning = _ => new PinOutcome.UnknownTag("nothing");

        (await _book.PinAsync(Branch, CancellationToken.None)).Should().Be(new PinOutcome.UnknownTag("nothing"));
        _time.Advance(TimeSpan.FromSeconds(29));
        await _book.PinAsync(Branch, CancellationToken.None);
        _source.Calls.Should().Be(1);

        _source.Meaning = Moved;
        _time.Advance(TimeSpan.FromSeconds(1));
        (await RevisionAsync()).Should().Be(New);
    }

    [Fact(Timeout = Limit)]
    public async Task A_branch_that_was_deleted_is_unknown_and_its_record_gone()
    {
        await RevisionAsync();
        _source.Meaning = _ => new PinOutcome.UnknownTag("nothing");
        _time.Advance(TimeSpan.FromMinutes(6));
        (await _book.PinAsync(Branch, CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();

        _source.Meaning = Down;
        var restarted = Book();
        (await restarted.PinAsync(Branch, CancellationToken.None)).Should().BeOfType<PinOutcome.Unavailable>();
    }

    [Fact(Timeout = Limit)]
    public async Task Tags_that_nobody_has_do_not_drive_out_those_that_are_used()
    {
        await RevisionAsync();
        _source.Meaning = _ => new PinOutcome.UnknownTag("nothing");
        for (var i = 0; i < 3000; i++)
        {
            await _book.PinAsync(Tag.Parse(i.ToString(CultureInfo.InvariantCulture)), CancellationToken.None);
        }

        _source.Meaning = Down;
        (await RevisionAsync()).Should().Be(Old);
        _source.Calls.Should().Be(3001);
    }

    [Fact(Timeout = Limit)]
    public async Task Pins_serve_while_the_storage_is_broken()
    {
        _records.IsBroken = true;

        (await RevisionAsync()).Should().Be(Old);
    }

    [Fact(Timeout = Limit)]
    public async Task A_source_that_breaks_is_unavailable_and_the_old_pin_serves()
    {
        _source.Meaning = _ => throw new IOException("disk full at /some/place");
        (await _book.PinAsync(Branch, CancellationToken.None)).Should().BeOfType<PinOutcome.Unavailable>()
            .Which.Explanation.Should().NotContain("/some/place");

        _source.Meaning = Moved;
        await RevisionAsync();
        _source.Meaning = _ => throw new IOException("disk full at /some/place");
        _time.Advance(TimeSpan.FromMinutes(6));
        (await RevisionAsync()).Should().Be(New);
    }

    [Fact(Timeout = Limit)]
    public async Task A_new_revision_that_cannot_be_used_does_not_become_latest_until_it_can()
    {
        _rejected.Add(New);
        (await LatestAsync()).Should().Be(Old);
        _source.Meaning = Moved;
        _time.Advance(TimeSpan.FromMinutes(6));

        (await LatestAsync()).Should().Be(Old);
        _book.Status().Should().ContainSingle(s => s.Tag == "latest").Which.Failure!.Explanation.Should().Contain(New).And.Contain("there is no coreutils");

        _rejected.Clear();
        _time.Advance(TimeSpan.FromMinutes(6));
        (await LatestAsync()).Should().Be(New);
    }

    [Fact(Timeout = Limit)]
    public async Task Where_there_is_no_older_revision_the_first_one_is_taken()
    {
        _rejected.Add(Old);

        (await LatestAsync()).Should().Be(Old);
    }

    private async Task<string> LatestAsync() =>
        (await _book.PinAsync(Tag.Latest, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision;

    private static PinOutcome Moved(string tag) => new PinOutcome.Pinned(FixedSource.SourceAt(New));

    private static PinOutcome Down(string tag) => new PinOutcome.Unavailable("down");

    private async Task<string> RevisionAsync() =>
        (await _book.PinAsync(Branch, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision;

    private PinBook Book()
    {
        var options = new SourceOptions();
        var pins = new PinRecords(_records, _source, NullLogger<PinRecords>.Instance);
        var trial = new PinTrial(options, pins, (pin, _, _) => Task.FromResult(_rejected.Contains(pin.Revision) ? "there is no coreutils" : null));
        var book = new PinBook(_source, options, pins, trial, _time, _log);
        _books.Add(book);
        return book;
    }

    /// <summary>A source that says what the test wants it to.</summary>
    private sealed class FixedSource : IRemotePinner
    {
        private Task _gate = Task.CompletedTask;
        private int _calls;

        public string Identity => "fixed";

        public int Calls => _calls;

        public Func<string, PinOutcome> Meaning { get; set; } = _ => new PinOutcome.Pinned(SourceAt(Old));

        public static PinnedSource SourceAt(string commit) => new PinnedSource.Git("file:///fixed", commit);

        /// <summary>Look-ups wait until the result is set.</summary>
        public TaskCompletionSource Close()
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _gate = gate.Task;
            return gate;
        }

        public PinnedSource At(string commit) => SourceAt(commit);

        public Task<IReadOnlyList<Tag>?> FindTagsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Tag>?>([]);

        public async Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            await _gate.WaitAsync(cancellationToken);
            return Meaning(tag.Text);
        }
    }

    private sealed class WarningCount : ILogger<PinBook>
    {
        public int Count { get; private set; }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Count++;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
