using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Nixery.Oci;

/// <summary>
/// The SHA-256 of stored bytes in the form of the image specification: <c>sha256:</c> and 64 lower-case hex digits.
/// https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
/// </summary>
[JsonConverter(typeof(DigestJsonConverter))]
public sealed partial record Digest
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private Digest(string hex) => Hex = hex;

    /// <summary>The 64 hex digits alone.</summary>
    public string Hex { get; }

    public static Digest Of(ReadOnlySpan<byte> content) => FromHash(SHA256.HashData(content));

    /// <summary>Wraps a finished SHA-256 of 32 bytes.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash) => hash.Length == SHA256.HashSizeInBytes
        ? new Digest(Convert.ToHexStringLower(hash))
        : throw new ArgumentException("a SHA-256 has 32 bytes", nameof(hash));

    public static bool TryParse(string text, [NotNullWhen(true)] out Digest? digest)
    {
        var wellFormed = text.Length == Prefix.Length + HexLength
            && text.StartsWith(Prefix, StringComparison.Ordinal)
            && text.AsSpan(Prefix.Length).IndexOfAnyExcept(HexDigits) < 0;
        digest = wellFormed ? new Digest(text[Prefix.Length..]) : null;
        return wellFormed;
    }

    /// <summary>
    /// Whether a text is a digest at all, of an algorithm that we may not know:
    /// https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests. Of those that are registered the length is known.
    /// </summary>
    public static bool IsWellFormed(string text) => text.StartsWith(Prefix, StringComparison.Ordinal) ? TryParse(text, out _)
        : text.StartsWith("sha512:", StringComparison.Ordinal) ? text.Length == 7 + 128 && text.AsSpan(7).IndexOfAnyExcept(HexDigits) < 0
        : Grammar().IsMatch(text);

    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"'{text}' is no sha256 digest");

    public override string ToString() => Prefix + Hex;

    [GeneratedRegex(@"\A[a-z0-9]+([+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Grammar();
}

internal sealed class DigestJsonConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryParse(reader.GetString() ?? "", out var digest) ? digest : throw new JsonException("no sha256 digest");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
