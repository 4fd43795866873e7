using Amazon.Runtime;

namespace Nixery.Storage.S3;

/// <summary>The key pair of the settings, which may be replaced while it is in use: what is signed from then on is signed with the new one.</summary>
public sealed class S3KeyPair
{
    internal S3KeyPair(S3Options options) => Credentials = options.AccessKey is null ? null : new Replaceable(options);

    /// <summary>Null where there is no pair, and the SDK looks for credentials itself.</summary>
    internal AWSCredentials? Credentials { get; }

    /// <returns>False where there was none at the start, or is none any more.</returns>
    public bool TryChange(S3Options options)
    {
        if (options.AccessKey is null || Credentials is not Replaceable replaceable)
        {
            return false;
        }

        replaceable.Change(options);
        return true;
    }

    private sealed class Replaceable(S3Options options) : AWSCredentials
    {
        private volatile ImmutableCredentials _now = Of(options);

        public void Change(S3Options now) => _now = Of(now);

        public override ImmutableCredentials GetCredentials() => _now;

        private static ImmutableCredentials Of(S3Options options) => new(options.AccessKey, options.SecretKey, options.SessionToken);
    }
}
