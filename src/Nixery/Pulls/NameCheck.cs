using Nixery.Building;
using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// Whether an image could be built, as far as its names tell, for lists of tags. What is not known yet is evaluated, one list at a time
/// with few that wait, so that whoever lists invented names does not fill the queue of those who pull.
/// </summary>
internal sealed class NameCheck(ImageBuild build, SharedWork<RecordKey, NameAnswer> running, ClientBuilds clients, Patience patience) : IDisposable
{
    private const int MostAtOnce = 1;
    private const int MostWaiting = 8;

    private const int MostOfOneClient = 4;

    private readonly ClientCounts _ofClients = new();
    private readonly Turns _turns = new(MostAtOnce, MostWaiting);

    /// <param name="client">On whose account it is, where it is not running yet.</param>
    /// <returns>Null when all packages can be had; else what a pull would end with.</returns>
    public async Task<PullOutcome?> FindObstacleAsync(ImageRequest request, PinnedSource source, string client, CancellationToken cancellationToken)
    {
        var key = RecordKey.Of("names", build.KeyOf(request, source).Hex);
        NameAnswer? answer;
        do
        {
            answer = await patience.WaitAsync(
                waiting => running.RunAsync(key, stopping => BeginAsync(request, source, client, stopping), waiting), cancellationToken);
        }
        // Another client asked a moment before, and had had enough.
        while (answer?.Obstacle is PullOutcome.TooMany { Client: var other } && other != client);

        return answer is null ? new PullOutcome.StillBuilding(patience.Limit) : answer.Obstacle;
    }

    public void Dispose() => _turns.Dispose();

    private async Task<NameAnswer> BeginAsync(ImageRequest request, PinnedSource source, string client, CancellationToken stopping)
    {
        if (!_ofClients.TryEnter(client, MostOfOneClient))
        {
            return new NameAnswer(new PullOutcome.Busy());
        }

        try
        {
            return clients.TryBegin(client) is { } refusal ? new NameAnswer(refusal) : await CheckCountedAsync(request, source, client, stopping);
        }
        finally
        {
            _ofClients.Leave(client);
        }
    }

    private async Task<NameAnswer> CheckCountedAsync(ImageRequest request, PinnedSource source, string client, CancellationToken stopping)
    {
        try
        {
            return await CheckAsync(request, source, stopping);
        }
        finally
        {
            clients.End(client);
        }
    }

    private async Task<NameAnswer> CheckAsync(ImageRequest request, PinnedSource source, CancellationToken stopping)
    {
        if (!await _turns.TryEnterAsync(stopping))
        {
            return new NameAnswer(new PullOutcome.Busy());
        }

        try
        {
            return new NameAnswer(await build.FindObstacleAsync(request, source, stopping));
        }
        finally
        {
            _turns.Leave();
        }
    }
}

/// <param name="Obstacle">Null when there is none.</param>
internal sealed record NameAnswer(PullOutcome? Obstacle);
