using System.Diagnostics.CodeAnalysis;

namespace Nixery.Pulls;

/// <summary>
/// What each client has taken of something in its hour, which begins with the first that it takes and is forgotten when it is over.
/// In memory: a restart forgives, and each server counts for itself.
/// </summary>
public sealed class HourlyBudget(TimeProvider time)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Whoever has more addresses than this is not stopped by counting them, and memory has an end.</summary>
    private const int MostClients = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>How long until the client may take more; zero where it may now.</summary>
    /// <param name="most">In an hour; 0 is no limit.</param>
    public TimeSpan WaitOf(string client, long most)
    {
        lock (_gate)
        {
            return most > 0 && TryFind(client, out var account) && account.Used >= most ? LeftOf(account) : TimeSpan.Zero;
        }
    }

    public void Charge(string client, long amount)
    {
        lock (_gate)
        {
            if (TryFind(client, out var account))
            {
                account.Used += amount;
            }
            else if (HasRoom())
            {
                _accounts[client] = new Account(time.GetTimestamp()) { Used = amount };
            }
        }
    }

    private bool TryFind(string client, [NotNullWhen(true)] out Account? account) =>
        _accounts.TryGetValue(client, out account) && LeftOf(account) > TimeSpan.Zero;

    private TimeSpan LeftOf(Account account) => Hour - time.GetElapsedTime(account.Begun);

    private bool HasRoom()
    {
        if (_accounts.Count >= MostClients)
        {
            foreach (var over in _accounts.Where(a => LeftOf(a.Value) <= TimeSpan.Zero).Select(a => a.Key).ToList())
            {
                _accounts.Remove(over);
            }
        }

        return _accounts.Count < MostClients;
    }

    private sealed class Account(long begun)
    {
        public long Begun => begun;

        public long Used { get; set; }
    }
}
