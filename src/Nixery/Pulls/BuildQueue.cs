using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>Has builds run: each once for all who ask for it in the meantime, on account of the client that asked first.</summary>
internal sealed class BuildQueue(SharedWork<RecordKey, PullOutcome> running, ClientBuilds clients, Patience patience)
{
    /// <param name="client">On whose account it is, where it is not running yet.</param>
    /// <param name="build">Goes on when the client leaves; has the host's token.</param>
    /// <param name="cancellationToken">Ends the client's waiting alone.</param>
    public async Task<PullOutcome> RunAsync(string client, RecordKey key, Func<CancellationToken, Task<PullOutcome>> build, CancellationToken cancellationToken)
    {
        PullOutcome? outcome;
        do
        {
            outcome = await patience.WaitAsync(
                waiting => running.RunAsync(key, stopping => BeginAsync(client, build, stopping), waiting), cancellationToken);
        }
        // Another client asked a moment before, and had had enough.
        while (outcome is PullOutcome.TooMany { Client: var other } && other != client);

        return outcome ?? new PullOutcome.StillBuilding(patience.Limit);
    }

    private async Task<PullOutcome> BeginAsync(string client, Func<CancellationToken, Task<PullOutcome>> build, CancellationToken stopping)
    {
        if (clients.TryBegin(client) is { } refusal)
        {
            return refusal;
        }

        try
        {
            return await build(stopping);
        }
        finally
        {
            clients.End(client);
        }
    }
}
