using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;

namespace Nixery.Server.Access.Logins;

/// <summary>
/// Checks passwords. A check is a tenth of a second of a processor, so few run at a time, and a password that was right is remembered:
/// by a keyed digest, together with the hash that it was right for, so that a change of the file ends it.
/// </summary>
internal sealed class PasswordCheck(FailedLogins failed) : IDisposable
{
    private const int MostRemembered = 10_000;

    private static readonly TimeSpan RememberFor = TimeSpan.FromHours(1);

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly MemoryCache _right = new(new MemoryCacheOptions { SizeLimit = MostRemembered });
    private readonly LoginTurns _turns = new();

    public async ValueTask<LoginOutcome> CheckAsync(Users users, Credentials.Password given, IPAddress from, CancellationToken cancellationToken)
    {
        var hash = users.HashOf(given.User);
        var memory = KeyOf(given, hash);
        if (_right.TryGetValue(memory, out Login? known))
        {
            return new LoginOutcome.Known(known!);
        }

        if (!failed.TryBegin(from, out var wait))
        {
            return new LoginOutcome.TooMany("too many wrong passwords have come from your address; try again in a minute", wait);
        }

        var isWrong = false;
        try
        {
            using var turn = await _turns.TakeAsync(from, cancellationToken);
            if (turn is null)
            {
                return new LoginOutcome.TooMany("many log in at this moment; try again soon", Soon);
            }

            // Many nodes of a cluster come at once with the same password.
            if (_right.TryGetValue(memory, out known))
            {
                return new LoginOutcome.Known(known!);
            }

            // Who is no user is checked too, and against a hash of no password: the time it takes says nothing.
            isWrong = !(BCrypt.Net.BCrypt.Verify(given.Secret, hash) & users.Has(given.User));
        }
        finally
        {
            if (!isWrong)
            {
                failed.Forgive(from);
            }
        }

        return isWrong ? new LoginOutcome.Refused("user or password is wrong") : new LoginOutcome.Known(Remember(memory, given.User, hash));
    }

    /// <summary>Changes when the password does, and leads to neither it nor its hash.</summary>
    public static string MarkOf(string hash) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(hash)).AsSpan(0, 12));

    public void Dispose()
    {
        _right.Dispose();
        _turns.Dispose();
    }

    private Login Remember(string memory, string user, string hash)
    {
        var login = new Login(user, [], new Proof(ProofKind.Password, MarkOf(hash)), Until: null);
        return _right.Set(memory, login, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = RememberFor });
    }

    // None of the three has a control character in it.
    private string KeyOf(Credentials.Password given, string hash) =>
        Convert.ToBase64String(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{given.User}\0{given.Secret}\0{hash}")));
}
