using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Nixery.Server.Access.Logins;

/// <summary>
/// What the tokens that are given out here are signed with: secrets of a file that all replicas read, one a line, the first of which
/// signs and all of which are believed; or one of this process alone.
/// </summary>
internal sealed class SigningKeys
{
    private const int Shortest = 32;
    private const int KeyBytes = 32;

    private static readonly byte[] Purpose = "nixery: tokens of logins, 1"u8.ToArray();

    private SigningKeys(IEnumerable<byte[]> secrets) => All = [.. secrets.Select(KeyOf)];

    /// <summary>At least one.</summary>
    public IReadOnlyList<SecurityKey> All { get; }

    public SigningCredentials Credentials => new(All[0], SecurityAlgorithms.HmacSha256);

    public static SigningKeys OfThisProcess() => new([RandomNumberGenerator.GetBytes(KeyBytes)]);

    /// <exception cref="FormatException">There is no secret, or one that is too short.</exception>
    public static SigningKeys Parse(string text)
    {
        var lines = FileLines.Of(text).ToList();
        var problem = lines.Count == 0 ? "it has no secret" : lines.FirstOrDefault(l => l.Text.Length < Shortest) is { Number: > 0 } line ? $"line {line.Number} is short" : null;
        return problem is null
            ? new SigningKeys(lines.Select(l => Encoding.UTF8.GetBytes(l.Text)))
            : throw new FormatException($"{problem}; a secret has {Shortest} characters or more (openssl rand -hex 32)");
    }

    private static SymmetricSecurityKey KeyOf(byte[] secret)
    {
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyBytes, salt: null, Purpose);
        return new SymmetricSecurityKey(key) { KeyId = Convert.ToHexStringLower(SHA256.HashData(key).AsSpan(0, 8)) };
    }
}
