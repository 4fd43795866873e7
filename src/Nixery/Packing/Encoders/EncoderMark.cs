using System.Security.Cryptography;

namespace Nixery.Packing.Encoders;

/// <summary>
/// Tells one encoder's bytes from another's: the head of the SHA-256 of what it makes of a fixed text. Libraries do not tell all
/// that their bytes depend on – libdeflate has no call for its version, and the zlib of .NET takes other ways on other processors – and
/// two servers with one storage must not use one name for different bytes.
/// </summary>
internal static class EncoderMark
{
    private const int SampleBytes = 256 * 1024;
    private const int MarkDigits = 12;

    public static string Of(IEnumerable<IPieceEncoder> encoders)
    {
        var sample = CreateSample();
        var encoded = new byte[SampleBytes * 2];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var encoder in encoders)
        {
            hash.AppendData(encoded.AsSpan(0, encoder.Encode(0, sample, encoded)));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash())[..MarkDigits];
    }

    /// <summary>
    /// Words that come again at many distances, with noise between them, so that how far and how long an encoder looks for matches
    /// shows. Marsaglia's xorshift: the same on every machine, for ever.
    /// </summary>
    private static byte[] CreateSample()
    {
        var sample = new byte[SampleBytes];
        var state = 2463534242u;
        for (var at = 0; at < SampleBytes;)
        {
            var number = Next(ref state);
            var length = (int)Math.Min(3 + (number >> 8) % 60, SampleBytes - at);
            if (number % 4 == 0 || at < 1024)
            {
                for (var i = 0; i < length; i++)
                {
                    sample[at + i] = (byte)(Next(ref state) % 96 + 32);
                }
            }
            else
            {
                var back = (int)(1 + Next(ref state) % Math.Min(at - 64, 100_000));
                for (var i = 0; i < length; i++)
                {
                    sample[at + i] = sample[at + i - back];
                }
            }

            at += length;
        }

        return sample;
    }

    private static uint Next(ref uint state)
    {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return state;
    }
}
