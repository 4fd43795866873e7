namespace Nixery.Server.Access;

/// <summary>Who may come in, and what they may have.</summary>
internal sealed record AccessOptions
{
    /// <summary>Who has not logged in may do; null for all where nobody can log in, and nothing where somebody can.</summary>
    public AnonymousMay? Anonymous { get; init; }

    /// <summary>Users and their passwords, as <c>htpasswd -B</c> writes them.</summary>
    public string? HtpasswdFile { get; init; }

    /// <summary>Lines of <c>group: user user</c>.</summary>
    public string? GroupsFile { get; init; }

    /// <summary>Lines of <c>user:token</c>.</summary>
    public string? TokensFile { get; init; }

    /// <summary>Secrets, one a line, that all replicas share: the first signs the tokens that are given out, all are believed.</summary>
    public string? TokenKeyFile { get; init; }

    /// <summary>Where clients ask for tokens; null for <c>/token</c> of the address by which they came.</summary>
    public Uri? TokenAddress { get; init; }

    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Wrong passwords of one address in a minute, beyond which it has to wait.</summary>
    public int MostFailedLogins { get; init; } = 20;

    /// <summary>OIDC issuers whose tokens are believed, by the name that stands before their users.</summary>
    public IReadOnlyDictionary<string, IssuerOptions> Issuers { get; init; } = new Dictionary<string, IssuerOptions>();

    public IReadOnlyList<RuleOptions> Rules { get; init; } = [];

    /// <summary>Networks whose X-Forwarded-For and X-Forwarded-Proto are believed.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Whether there is anything to log in with.</summary>
    public bool HasLogins() => HtpasswdFile is not null || TokensFile is not null || Issuers.Count > 0;

    public AnonymousMay AnonymousInForce() => Anonymous ?? (HasLogins() ? AnonymousMay.Nothing : AnonymousMay.Build);
}

internal enum AnonymousMay
{
    Nothing,
    Pull,
    Build,
}

/// <summary>What somebody may have. What several rules give adds up.</summary>
internal sealed record RuleOptions
{
    /// <summary><c>user:NAME</c>, <c>group:NAME</c>, <c>users</c>, <c>anonymous</c> or <c>everybody</c>.</summary>
    public string Who { get; init; } = "";

    /// <summary>Images that may be built, and so pulled too.</summary>
    public IReadOnlyList<string> Build { get; init; } = [];

    /// <summary>Images that may be pulled where they are stored.</summary>
    public IReadOnlyList<string> Pull { get; init; } = [];
}

/// <summary>An OIDC issuer: who makes tokens that are believed here.</summary>
internal sealed record IssuerOptions
{
    /// <summary>As the tokens' <c>iss</c> says it; its keys are found from there.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>What the tokens' <c>aud</c> must say.</summary>
    public string Audience { get; init; } = "";

    /// <summary>Where its key set is, if it is not to be found from <see cref="Issuer"/>.</summary>
    public Uri? KeysAddress { get; init; }

    /// <summary>PEM file of the only authorities that are believed for its server.</summary>
    public string? CaFile { get; init; }

    /// <summary>A token that is sent when its keys are asked for.</summary>
    public string? TokenFile { get; init; }

    public string UserClaim { get; init; } = "sub";

    public string GroupsClaim { get; init; } = "groups";

    /// <summary>Claims that a token must have, and how: <c>*</c> stands for anything.</summary>
    public IReadOnlyDictionary<string, string> Require { get; init; } = new Dictionary<string, string>();
}
