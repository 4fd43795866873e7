namespace Nixery.Server.Sight;

internal enum ReadyState
{
    /// <summary>Not looked at yet.</summary>
    Unknown,
    Ok,

    /// <summary>What is stored can be served, and not all else.</summary>
    Degraded,
    Failed,
}

/// <summary>What a look has found.</summary>
/// <param name="Problem">A sentence without secrets and paths; null when there is none.</param>
internal sealed record ReadyAnswer(ReadyState State, string? Problem)
{
    public static readonly ReadyAnswer Ok = new(ReadyState.Ok, null);

    public static readonly ReadyAnswer NotYet = new(ReadyState.Unknown, "has not been looked at yet");
}

/// <summary>Something that the server needs.</summary>
/// <param name="IsVital">Whether without it nothing can be served at all.</param>
/// <param name="LookAsync">Tells how it is. May take long.</param>
internal sealed record ReadyCheck(string Name, bool IsVital, Func<CancellationToken, Task<ReadyAnswer>> LookAsync);

/// <param name="At">When it was seen so.</param>
internal sealed record CheckedState(string Name, bool IsVital, ReadyAnswer Answer, DateTimeOffset At);

/// <summary>
/// Whether this server can be sent clients. It looks by itself, regularly, at each thing on its own and never twice at once, so that who
/// asks is answered at once with what was seen last, however many ask and however long a look takes.
/// </summary>
internal sealed partial class Readiness : BackgroundService
{
    /// <summary>A look that takes longer has found something, and goes on.</summary>
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(10);

    /// <summary>For a look that is told to end; one at a file system that hangs is left behind.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<ReadyCheck> _checks;
    private readonly CheckedState[] _states;
    private readonly TimeSpan _every;
    private readonly TimeProvider _time;
    private readonly ILogger<Readiness> _logger;
    private volatile bool _isDraining;

    public Readiness(IReadOnlyList<ReadyCheck> checks, HealthOptions options, TimeProvider time, ILogger<Readiness> logger)
    {
        (_checks, _every, _time, _logger) = (checks, options.CheckEvery, time, logger);
        _states = [.. checks.Select(c => new CheckedState(c.Name, c.IsVital, ReadyAnswer.NotYet, time.GetUtcNow()))];
    }

    public bool IsDraining => _isDraining;

    public IReadOnlyList<CheckedState> States => [.. Enumerable.Range(0, _states.Length).Select(i => Volatile.Read(ref _states[i]))];

    /// <summary>Not ready, whatever the checks say, from now on.</summary>
    public void BeginDraining() => _isDraining = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // One that fails ends this at once, however long the others go on. No token: they end by themselves, and are waited for.
        await foreach (var watch in Task.WhenEach(Enumerable.Range(0, _checks.Count).Select(i => WatchAsync(i, stoppingToken))).WithCancellation(CancellationToken.None))
        {
            await watch;
        }
    }

    private async Task WatchAsync(int index, CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_every, _time);
        try
        {
            do
            {
                await LookAsync(index, stoppingToken);
            }
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way in which this ends.
        }
    }

    private async Task LookAsync(int index, CancellationToken stoppingToken)
    {
        var check = _checks[index];
        // A file system that hangs holds the thread that asks it.
        var look = Task.Run(() => check.LookAsync(stoppingToken), stoppingToken);
        try
        {
            Set(index, await look.WaitAsync(LookLimit, _time, stoppingToken));
        }
        catch (TimeoutException)
        {
            Set(index, new ReadyAnswer(check.IsVital ? ReadyState.Failed : ReadyState.Degraded, $"does not answer within {LookLimit.TotalSeconds} s"));
            Set(index, await look.WaitAsync(stoppingToken));
        }
        finally
        {
            // Nothing is written to the storage any more when this has ended.
            await ((Task)look).WaitAsync(EndLimit, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Set(int index, ReadyAnswer answer)
    {
        var before = _states[index];
        Volatile.Write(ref _states[index], before with { Answer = answer, At = _time.GetUtcNow() });
        if (answer == before.Answer)
        {
            return;
        }

        if (answer.Problem is { } problem)
        {
            Log.Problem(_logger, before.Name, problem);
        }
        else if (before.Answer.State is ReadyState.Degraded or ReadyState.Failed)
        {
            Log.Well(_logger, before.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4050, LogLevel.Warning, "Not as it should be: {Check}: {Problem}")]
        public static partial void Problem(ILogger logger, string check, string problem);

        [LoggerMessage(4051, LogLevel.Information, "As it should be again: {Check}")]
        public static partial void Well(ILogger logger, string check);
    }
}
