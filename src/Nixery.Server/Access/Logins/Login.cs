namespace Nixery.Server.Access.Logins;

/// <summary>Who it is, and by what that is known.</summary>
/// <param name="User">Null for who may come in without saying.</param>
/// <param name="Groups">That came with it; the groups file may have more.</param>
/// <param name="Proof">What must still be so for this to hold.</param>
/// <param name="Until">When it ends; null where it ends with its proof alone.</param>
internal sealed record Login(string? User, IReadOnlyList<string> Groups, Proof Proof, DateTimeOffset? Until)
{
    public static Login Anonymous { get; } = new(null, [], new Proof(ProofKind.None, ""), Until: null);
}

/// <param name="Mark">A mark of the password's hash, the digest of a static token, the name of an issuer.</param>
internal sealed record Proof(ProofKind Kind, string Mark);

internal enum ProofKind
{
    None,
    Password,
    StaticToken,
    Issuer,
}

/// <summary>How a login ended.</summary>
internal abstract record LoginOutcome
{
    private LoginOutcome()
    {
    }

    public sealed record Known(Login Login) : LoginOutcome;

    /// <param name="Sentence">For the client; says nothing secret, and not whether there is such a user.</param>
    public sealed record Refused(string Sentence) : LoginOutcome;

    /// <summary>Too many wrong ones from there, or too many at once.</summary>
    public sealed record TooMany(string Sentence, TimeSpan Wait) : LoginOutcome;

    /// <summary>It cannot be found out now.</summary>
    public sealed record Unavailable(string Sentence) : LoginOutcome;
}
