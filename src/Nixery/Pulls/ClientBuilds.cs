namespace Nixery.Pulls;

/// <summary>
/// The builds of each client: no more at a time and in an hour than it may have. A build that goes on without its client is the client's
/// still, so who asks for invented names and leaves at once fills no more than its own part of the queue.
/// </summary>
internal sealed class ClientBuilds(PullRules rules, TimeProvider time)
{
    /// <summary>Builds take seconds to minutes, and nobody knows which.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly ClientCounts _running = new();
    private readonly HourlyBudget _begun = new(time);

    /// <summary>Null where the client's build may begin; who has begun ends.</summary>
    public PullOutcome.TooMany? TryBegin(string client)
    {
        var limits = rules.Limits;
        if (_begun.WaitOf(client, limits.BuildsPerHour) is { Ticks: > 0 } wait)
        {
            return new PullOutcome.TooMany(
                client, $"this registry begins {limits.BuildsPerHour} builds an hour for one client (Nixery:Limits:BuildsPerHour), and this client has had them; what is stored can be pulled", wait);
        }

        if (!_running.TryEnter(client, limits.BuildsAtOnce))
        {
            return new PullOutcome.TooMany(
                client, $"this registry runs {limits.BuildsAtOnce} builds at a time for one client (Nixery:Limits:BuildsAtOnce), and this client has as many; the next can begin when one of them ends", Soon);
        }

        _begun.Charge(client, 1);
        return null;
    }

    public void End(string client) => _running.Leave(client);
}
