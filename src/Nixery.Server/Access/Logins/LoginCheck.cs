using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Nixery.Server.Access.Issuers;

namespace Nixery.Server.Access.Logins;

/// <summary>Who comes with these credentials: a user with a password, a static token, a token that was given out here, or one of an issuer.</summary>
internal sealed class LoginCheck(LoginFiles files, PasswordCheck passwords, OwnTokens own, TokenIssuers issuers, TimeProvider time) : IDisposable
{
    /// <summary>The user of a <c>docker login</c> whose password is an issuer's token.</summary>
    public const string IssuerUser = "oidc";

    /// <summary>The user of a <c>docker login</c> whose password is a static token, where it is not the token's own.</summary>
    public const string TokenUser = "token";

    private const int MostRemembered = 20_000;

    private static readonly TimeSpan RememberFor = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MostRemembered });

    /// <param name="from">Who tries too many wrong passwords from there has to wait.</param>
    public ValueTask<LoginOutcome> CheckAsync(Credentials given, IPAddress from, CancellationToken cancellationToken) => given switch
    {
        Credentials.Token token => CheckAsync(token.Secret, cancellationToken),
        Credentials.Password password => CheckAsync(password, from, cancellationToken),
        Credentials.Malformed malformed => ValueTask.FromResult<LoginOutcome>(new LoginOutcome.Refused(malformed.Problem)),
        _ => ValueTask.FromResult<LoginOutcome>(new LoginOutcome.Known(Login.Anonymous)),
    };

    public void Dispose() => _known.Dispose();

    private ValueTask<LoginOutcome> CheckAsync(Credentials.Password given, IPAddress from, CancellationToken cancellationToken)
    {
        if (files.Tokens.Find(given.Secret) is { } token && given.User is var user && (user == token.User || user == TokenUser))
        {
            return ValueTask.FromResult<LoginOutcome>(Known(token));
        }

        var users = files.Users;
        return given.User == IssuerUser && !users.Has(IssuerUser)
            ? CheckAsync(given.Secret, cancellationToken)
            : passwords.CheckAsync(users, given, from, cancellationToken);
    }

    private async ValueTask<LoginOutcome> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (files.Tokens.Find(token) is { } found)
        {
            return Known(found);
        }

        var keys = files.Keys;
        var memory = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (_known.TryGetValue(memory, out Remembered? known) && ReferenceEquals(known!.Keys, keys) && IsInForce(known.Login))
        {
            return new LoginOutcome.Known(known.Login);
        }

        var outcome = TokenIssuers.IssuerOf(token) == OwnTokens.Name ? await CheckOwnAsync(token, keys) : await issuers.CheckAsync(token, cancellationToken);
        if (outcome is LoginOutcome.Known { Login: var login })
        {
            _known.Set(memory, new Remembered(login, keys), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = RememberFor });
        }

        return outcome;
    }

    private async ValueTask<LoginOutcome> CheckOwnAsync(string token, SigningKeys keys) =>
        await own.FindAsync(token, keys) is { } login && IsInForce(login)
            ? new LoginOutcome.Known(login)
            : new LoginOutcome.Refused("the token has expired or is not valid any more; log in again");

    /// <summary>Whether what a login rests on is still so: a user who was taken away is out at once.</summary>
    private bool IsInForce(Login login) => (login.Until is not { } until || until > time.GetUtcNow()) && login.Proof.Kind switch
    {
        ProofKind.Password => files.Users is var users && users.Has(login.User!) && PasswordCheck.MarkOf(users.HashOf(login.User!)) == login.Proof.Mark,
        ProofKind.StaticToken => files.Tokens.Has(login.Proof.Mark),
        ProofKind.Issuer => issuers.Has(login.Proof.Mark),
        _ => true,
    };

    private static LoginOutcome.Known Known((string User, string Digest) token) =>
        new(new Login(token.User, [], new Proof(ProofKind.StaticToken, token.Digest), Until: null));

    private sealed record Remembered(Login Login, SigningKeys Keys);
}
