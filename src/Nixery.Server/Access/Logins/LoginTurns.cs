using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Nixery.Pulls;

namespace Nixery.Server.Access.Logins;

/// <summary>
/// Who has a password checked now, and who waits for it. The places to wait are few, and when they become scarce no network has more than a
/// part of them, so that who guesses from many addresses of one does not keep everybody else out.
/// </summary>
internal sealed class LoginTurns : IDisposable
{
    private const int MostWaiting = 64;
    private const int MostOfNetwork = 16;
    private const int Anything = 0;

    /// <summary>As a provider gives them to one customer at least: 256 addresses of version 4, a /48 of version 6.</summary>
    private const int BytesOfNetwork4 = 3;

    private const int BytesOfNetwork6 = 6;

    private readonly ClientCounts _waiting = new();

    // Half of the processors stay with those who pull.
    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = Math.Max(1, Environment.ProcessorCount / 2),
        QueueLimit = MostWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <returns>To be disposed of when the check has ended; null where there is no place to wait.</returns>
    public async ValueTask<IDisposable?> TakeAsync(IPAddress from, CancellationToken cancellationToken)
    {
        var network = NetworkOf(from);
        var isScarce = _turns.GetStatistics()!.CurrentQueuedCount >= MostWaiting / 2;
        if (!_waiting.TryEnter(network, isScarce ? MostOfNetwork : Anything))
        {
            return null;
        }

        try
        {
            var turn = await _turns.AcquireAsync(1, cancellationToken);
            return turn.IsAcquired ? turn : null;
        }
        finally
        {
            _waiting.Leave(network);
        }
    }

    public void Dispose() => _turns.Dispose();

    private static string NetworkOf(IPAddress address) =>
        Convert.ToHexString(address.GetAddressBytes().AsSpan(0, address.AddressFamily == AddressFamily.InterNetworkV6 ? BytesOfNetwork6 : BytesOfNetwork4));
}
