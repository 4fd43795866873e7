namespace Nixery.Server.Access.Logins;

/// <summary>The files that say who may log in, as they are now.</summary>
internal sealed class LoginFiles
{
    private readonly WatchedFile<Users>? _users;
    private readonly WatchedFile<Groups>? _groups;
    private readonly WatchedFile<StaticTokens>? _tokens;
    private readonly WatchedFile<SigningKeys>? _keys;
    private readonly SigningKeys _ownKeys = SigningKeys.OfThisProcess();

    /// <exception cref="FormatException">A file is none of its kind; <see cref="AccessProblems"/> has said so at start.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public LoginFiles(AccessOptions options, ILogger<LoginFiles> logger)
    {
        _users = Open(options.HtpasswdFile, Logins.Users.Parse, logger);
        _groups = Open(options.GroupsFile, Logins.Groups.Parse, logger);
        _tokens = Open(options.TokensFile, StaticTokens.Parse, logger);
        _keys = Open(options.TokenKeyFile, SigningKeys.Parse, logger);
    }

    public Users Users => _users?.Current ?? Users.Nobody;

    public Groups Groups => _groups?.Current ?? Groups.None;

    public StaticTokens Tokens => _tokens?.Current ?? StaticTokens.None;

    public SigningKeys Keys => _keys?.Current ?? _ownKeys;

    /// <summary>Whether other replicas believe the tokens that are given out here.</summary>
    public bool SharesKeys => _keys is not null;

    public void Look()
    {
        foreach (var file in new IWatchedFile?[] { _users, _groups, _tokens, _keys })
        {
            file?.Look();
        }
    }

    private static WatchedFile<T>? Open<T>(string? path, Func<string, T> read, ILogger logger)
        where T : class => path is null ? null : new WatchedFile<T>(path, read, logger);
}
