namespace Nixery.Building;

/// <summary>Who is at work, who waits, and how many of both there may be.</summary>
/// <param name="Name"><c>nix</c> for evaluations and realisations, <c>packing</c> for images whose layers are packed.</param>
public sealed record QueueStatus(string Name, int Running, int MostRunning, int Waiting, int MostWaiting);

/// <summary>The queues of this server, for whoever watches it.</summary>
public sealed class Queues
{
    private readonly (string Name, Turns Turns)[] _queues;

    internal Queues(Turns nix, Turns packing) => _queues = [("nix", nix), ("packing", packing)];

    public IReadOnlyList<QueueStatus> Read() =>
        [.. _queues.Select(q => new QueueStatus(q.Name, q.Turns.Running, q.Turns.MostRunning, q.Turns.Waiting, q.Turns.MostWaiting))];

    /// <summary>Whether nothing is at work.</summary>
    public bool AreIdle => _queues.All(q => q.Turns.Running == 0);
}
