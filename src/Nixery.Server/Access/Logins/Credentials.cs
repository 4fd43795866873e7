using System.Text;
using Microsoft.Extensions.Primitives;

namespace Nixery.Server.Access.Logins;

/// <summary>What a client says of who it is: its Authorization header. None of them prints what is secret.</summary>
internal abstract class Credentials
{
    /// <summary>A token of an issuer with a few hundred groups is half of this.</summary>
    private const int LongestBytes = 24 * 1024;

    private const int LongestUser = 255;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private Credentials()
    {
    }

    public static Credentials Nothing { get; } = new None();

    public static Credentials Of(StringValues header)
    {
        if (header.Count == 0)
        {
            return Nothing;
        }

        if (header is not [{ } only] || only.Length > LongestBytes)
        {
            return new Malformed("there is one Authorization header at most, and it is not as long as that");
        }

        var space = only.IndexOf(' ', StringComparison.Ordinal);
        return (space < 0 ? only : only[..space]).ToUpperInvariant() switch
        {
            "BASIC" when space > 0 => OfBase64(only[(space + 1)..].Trim(' ')),
            "BEARER" when space > 0 => OfToken(only[(space + 1)..].Trim(' ')),
            _ => new Malformed("an Authorization header is Basic with user and password, or Bearer with a token"),
        };
    }

    public static Credentials Of(string user, string password) =>
        (user.Length, password.Length) == (0, 0) ? Nothing // as some clients write nothing
        : user.Length > LongestUser || password.Length > LongestBytes || user.Any(char.IsControl) || password.Any(char.IsControl)
            ? new Malformed("user and password are of printable characters, and shorter")
            : new Password(user, password);

    public static Credentials OfToken(string token) =>
        token.Length is > 0 and <= LongestBytes && token.All(c => c is > ' ' and <= '~') ? new Token(token) : new Malformed("a token is of printable ASCII without spaces");

    private static Credentials OfBase64(string encoded)
    {
        var bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length))
        {
            return new Malformed("Basic is followed by user and password in base64");
        }

        try
        {
            var pair = Utf8.GetString(bytes.AsSpan(0, length));
            var colon = pair.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? new Malformed("between user and password there is a colon") : Of(pair[..colon], pair[(colon + 1)..]);
        }
        catch (DecoderFallbackException)
        {
            return new Malformed("user and password are in UTF-8");
        }
    }

    public sealed class None : Credentials;

    public sealed class Malformed(string problem) : Credentials
    {
        public string Problem => problem;
    }

    public sealed class Password(string user, string secret) : Credentials
    {
        public string User => user;

        public string Secret => secret;
    }

    public sealed class Token(string secret) : Credentials
    {
        public string Secret => secret;
    }
}
