using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Caching.Memory;

namespace Nixery.Server.Access.Logins;

/// <summary>
/// How many passwords an address has tried in vain within a minute. A try counts before it is known how it ends, so that many at once
/// are no way around, and is given back when it was right.
/// </summary>
internal sealed class FailedLogins(int most, TimeProvider time) : IDisposable
{
    /// <summary>What is forgotten first when more addresses try is who has tried longest ago.</summary>
    private const int MostAddresses = 100_000;

    private const int NetworkBytes = 8;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly MemoryCache _tries = new(new MemoryCacheOptions { SizeLimit = MostAddresses });

    /// <param name="wait">How long until the address may try again; zero where it may.</param>
    public bool TryBegin(IPAddress from, out TimeSpan wait)
    {
        lock (_gate)
        {
            var tries = Find(from);
            wait = tries.Count < most ? TimeSpan.Zero : Window - time.GetElapsedTime(tries.Begun);
            if (wait > TimeSpan.Zero)
            {
                return false;
            }

            tries.Count++;
            return true;
        }
    }

    /// <summary>One that has begun was right, or was not made.</summary>
    public void Forgive(IPAddress from)
    {
        lock (_gate)
        {
            var tries = Find(from);
            tries.Count = Math.Max(0, tries.Count - 1);
        }
    }

    public void Dispose() => _tries.Dispose();

    private Tries Find(IPAddress from)
    {
        var key = NetworkOf(from);
        if (_tries.TryGetValue(key, out Tries? tries) && time.GetElapsedTime(tries!.Begun) < Window)
        {
            return tries;
        }

        tries = new Tries { Begun = time.GetTimestamp() };
        _tries.Set(key, tries, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = 2 * Window });
        return tries;
    }

    /// <summary>Who has one address of IPv6 has 2^64 of them.</summary>
    private static IPAddress NetworkOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6
        ? new IPAddress([.. address.GetAddressBytes().Take(NetworkBytes), .. new byte[16 - NetworkBytes]])
        : address;

    private sealed class Tries
    {
        public int Count { get; set; }

        public long Begun { get; init; }
    }
}
