using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Nixery.Server.Access.Logins;

/// <summary>
/// The tokens that this registry gives out for a login (https://distribution.github.io/distribution/spec/auth/jwt/). They say who it is
/// and by what that is known; what they may have is found out when they come, so that rules, groups and passwords that change hold at once.
/// </summary>
internal sealed class OwnTokens(TimeSpan lifetime, TimeProvider time)
{
    /// <summary>The <c>iss</c> and <c>aud</c>, and the service of a challenge. No address, so it is no issuer's.</summary>
    public const string Name = "nixery";

    private const string GroupsClaim = "groups";
    private const string KindClaim = "by";
    private const string MarkClaim = "mark";

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };

    /// <param name="until">When it ends: not after the login itself.</param>
    public string Issue(Login login, SigningKeys keys, out DateTimeOffset until)
    {
        var now = time.GetUtcNow();
        var latest = now + lifetime;
        until = login.Until is { } end && end < latest ? end : latest;
        var claims = new Dictionary<string, object>
        {
            [KindClaim] = login.Proof.Kind.ToString(),
            [MarkClaim] = login.Proof.Mark,
            [GroupsClaim] = login.Groups,
        };
        if (login.User is { } user)
        {
            claims[JwtRegisteredClaimNames.Sub] = user;
        }

        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = Name,
            IssuedAt = now.UtcDateTime,
            Expires = until.UtcDateTime,
            Claims = claims,
            SigningCredentials = keys.Credentials,
        });
    }

    /// <returns>Null for a token that is none of ours, or no more.</returns>
    public async Task<Login?> FindAsync(string token, SigningKeys keys)
    {
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Name,
            ValidAudience = Name,
            IssuerSigningKeys = keys.All,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            LifetimeValidator = (_, expires, _, _) => expires > time.GetUtcNow().UtcDateTime,
        });
        return result.IsValid && result.SecurityToken is JsonWebToken read && Enum.TryParse<ProofKind>(read.GetClaim(KindClaim).Value, out var kind)
            ? new Login(
                read.Subject is { Length: > 0 } user ? user : null,
                [.. read.Claims.Where(c => c.Type == GroupsClaim).Select(c => c.Value)],
                new Proof(kind, read.GetClaim(MarkClaim).Value),
                new DateTimeOffset(read.ValidTo, TimeSpan.Zero))
            : null;
    }
}
