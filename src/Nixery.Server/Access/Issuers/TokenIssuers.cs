using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Nixery.Server.Access.Logins;

namespace Nixery.Server.Access.Issuers;

/// <summary>All issuers, by what their tokens say of whom they are.</summary>
internal sealed class TokenIssuers(IEnumerable<TokenIssuer> issuers) : IDisposable
{
    private readonly Dictionary<string, TokenIssuer> _byIssuer = issuers.ToDictionary(i => i.Issuer, StringComparer.Ordinal);

    public bool Has(string name) => _byIssuer.Values.Any(i => i.Name == name);

    public async ValueTask<LoginOutcome> CheckAsync(string token, CancellationToken cancellationToken) =>
        IssuerOf(token) is not { } issuer ? new LoginOutcome.Refused("the token is none that this registry knows")
        : _byIssuer.TryGetValue(issuer, out var found) ? await found.CheckAsync(token, cancellationToken)
        : new LoginOutcome.Refused("the token is of an issuer that this registry does not know");

    public Task RefreshAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_byIssuer.Values.Select(i => i.RefreshAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var issuer in _byIssuer.Values)
        {
            issuer.Dispose();
        }
    }

    /// <summary>What the token says of itself, believed by nobody yet; null for what is no such token.</summary>
    public static string? IssuerOf(string token)
    {
        try
        {
            return new JsonWebToken(token).Issuer;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }
}
