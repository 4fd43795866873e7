using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Nixery.Server.Access.Logins;

/// <summary>
/// Tokens that mean a user until they are taken out of their file: lines of <c>user:token</c>, or of <c>user:sha256:</c> and the digest of
/// a token, so that who reads the file has no token. A user may have several.
/// </summary>
internal sealed partial class StaticTokens
{
    /// <summary>Tokens are not counted against who guesses, so they must be beyond guessing.</summary>
    private const int Shortest = 20;

    private const string Hashed = "sha256:";

    // By digest, so that the time of a look-up says nothing of what a token is like.
    private readonly FrozenDictionary<string, string> _userOf;

    private StaticTokens(Dictionary<string, string> userOf) => _userOf = userOf.ToFrozenDictionary(StringComparer.Ordinal);

    public static StaticTokens None { get; } = new([]);

    public int Count => _userOf.Count;

    /// <exception cref="FormatException">A line is none.</exception>
    public static StaticTokens Parse(string text)
    {
        var userOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (number, name, value) in FileLines.Pairs(text))
        {
            var isHashed = value.StartsWith(Hashed, StringComparison.Ordinal);
            var problem = isHashed && !Digest().IsMatch(value) ? "has no digest after sha256:; it is 64 hexadecimal digits"
                : !isHashed && value.Length < Shortest ? $"has a token of fewer than {Shortest} characters; openssl rand -hex 32 makes one"
                : !isHashed && value.Any(c => c is <= ' ' or > '~') ? "has a token with other characters than printable ASCII"
                : !userOf.TryAdd(isHashed ? value[Hashed.Length..].ToUpperInvariant() : DigestOf(value), name) ? "has a token that is there already"
                : null;
            if (problem is not null)
            {
                throw new FormatException($"line {number} ('{name}') {problem}");
            }
        }

        return new StaticTokens(userOf);
    }

    /// <returns>Whose token it is, and by what it can be asked for later whether it still is; null for no token of this file.</returns>
    public (string User, string Digest)? Find(string token)
    {
        var digest = DigestOf(token);
        return _userOf.TryGetValue(digest, out var user) ? (user, digest) : null;
    }

    public bool Has(string digest) => _userOf.ContainsKey(digest);

    private static string DigestOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    [GeneratedRegex(@"\Asha256:[0-9a-fA-F]{64}\z")]
    private static partial Regex Digest();
}
