using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Nixery.Server.Access.Logins;
using Nixery.Server.Access.Rules;

namespace Nixery.Server.Access.Issuers;

/// <summary>An OIDC issuer whose tokens say who comes: Kubernetes, a CI system, a single sign-on. Its users are <c>NAME:SUBJECT</c>.</summary>
internal sealed class TokenIssuer(string name, IssuerOptions options, KeySet keys, TimeProvider time) : IDisposable
{
    /// <summary>As many as the issuers that limit it put into a token.</summary>
    private const int MostGroups = 200;

    private const int LongestName = 255;

    /// <summary>Clocks differ.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    /// <summary>Signatures of a key pair alone: with an HMAC the public key would be the secret. Never none.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false };

    public string Name => name;

    public string Issuer => options.Issuer;

    public Task RefreshAsync(CancellationToken cancellationToken) => keys.RefreshAsync(cancellationToken);

    public async ValueTask<LoginOutcome> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (await keys.FindAsync(cancellationToken) is not { } known)
        {
            return new LoginOutcome.Unavailable($"the keys of the issuer '{name}' cannot be read now; ask again in a while");
        }

        var result = await ValidateAsync(token, known);
        // An issuer that has changed its keys signs with the new one at once.
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException
            && await keys.AskAsync(cancellationToken) is { } newer && !ReferenceEquals(newer, known))
        {
            result = await ValidateAsync(token, newer);
        }

        return result is { IsValid: true, SecurityToken: JsonWebToken read } ? Judge(read) : new LoginOutcome.Refused(ProblemOf(result.Exception));
    }

    public void Dispose() => keys.Dispose();

    private Task<TokenValidationResult> ValidateAsync(string token, IReadOnlyList<SecurityKey> known) => _handler.ValidateTokenAsync(token, new TokenValidationParameters
    {
        ValidIssuer = options.Issuer,
        ValidAudience = options.Audience,
        IssuerSigningKeys = known,
        ValidAlgorithms = Algorithms,
        LifetimeValidator = (notBefore, expires, _, _) => time.GetUtcNow().UtcDateTime is var now
            && (notBefore is null || notBefore <= now + Leeway)
            && expires > now - Leeway,
    });

    private LoginOutcome Judge(JsonWebToken token)
    {
        foreach (var (claim, pattern) in options.Require)
        {
            if (!ValuesOf(token, claim).Any(value => Wildcard.Matches(pattern, value)))
            {
                return new LoginOutcome.Refused($"the token's claim '{claim}' is not '{pattern}' (Nixery:Access:Issuers:{name}:Require)");
            }
        }

        if (ValuesOf(token, options.UserClaim) is not [var user] || !IsName(user))
        {
            return new LoginOutcome.Refused($"the token's claim '{options.UserClaim}' names no user");
        }

        var groups = ValuesOf(token, options.GroupsClaim);
        return groups.Count > MostGroups || !groups.All(IsName)
            ? new LoginOutcome.Refused($"the token's claim '{options.GroupsClaim}' has more than {MostGroups} groups, or one that is none")
            : new LoginOutcome.Known(new Login(
                $"{name}:{user}", [.. groups.Select(g => $"{name}:{g}")], new Proof(ProofKind.Issuer, name), new DateTimeOffset(token.ValidTo, TimeSpan.Zero)));
    }

    private static List<string> ValuesOf(JsonWebToken token, string claim) => [.. token.Claims.Where(c => c.Type == claim).Select(c => c.Value)];

    private static bool IsName(string text) => text.Length is > 0 and <= LongestName && !text.Any(char.IsControl);

    private string ProblemOf(Exception? problem) => problem switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNoExpirationException => "the token has expired, or is not valid yet",
        SecurityTokenInvalidAudienceException => $"the token is for another audience than '{options.Audience}'",
        SecurityTokenInvalidAlgorithmException => "the token is signed in a way that is not believed",
        _ => $"the token's signature is of no key of the issuer '{name}'",
    };
}
