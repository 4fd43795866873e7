using System.IO.Compression;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using ICSharpCode.SharpZipLib.GZip;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Packing.Encoders;

namespace Nixery.Tests.Packing;

public sealed class EncoderTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TemporaryStore store = new();

    public static TheoryData<PackingEncoder> Encoders() => [PackingEncoder.Libdeflate, PackingEncoder.Bcl, PackingEncoder.Zstd];

    public void Dispose() => store.Dispose();

    [Theory(Timeout = Limit)]
    [MemberData(nameof(Encoders))]
    public async Task A_layer_is_the_same_bytes_by_one_thread_and_by_many_in_little_memory_and_in_much(PackingEncoder encoder)
    {
        Fill();
        using var alone = new Packer(new PackingOptions { Encoder = encoder, MemoryBytes = 1 }, threads: 1);
        using var many = new Packer(new PackingOptions { Encoder = encoder, MemoryBytes = 64 * 1024 * 1024 }, threads: 5);

        var bytes = await alone.PackAsync(store.Tar());

        (await many.PackAsync(store.Tar())).Should().Equal(bytes);
        (await many.PackAsync(store.Tar())).Should().Equal(bytes);
    }

    [Theory(Timeout = Limit)]
    [InlineData(PackingEncoder.Libdeflate, "gzip")]
    [InlineData(PackingEncoder.Bcl, "gzip")]
    [InlineData(PackingEncoder.Zstd, "zstd")]
    public async Task GNU_tar_and_the_encoders_own_program_read_the_pieces_as_one(PackingEncoder encoder, string program)
    {
        Fill();
        var layer = await WriteLayerAsync(encoder);

        (await Tool.RunAsync("sh", "-c", $"{program} -dc < '{layer}' | sha256sum")).Should().StartWith(Convert.ToHexStringLower(SHA256.HashData(store.TarBytes())));
        var names = (await Tool.RunAsync("tar", $"--{program}", "-tf", layer)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        names.Should().HaveCount(2 + 1 + 3);
    }

    [Theory(Timeout = Limit)]
    [InlineData(PackingEncoder.Libdeflate)]
    [InlineData(PackingEncoder.Bcl)]
    public async Task SharpZipLib_and_the_BCL_read_the_members_as_one(PackingEncoder encoder)
    {
        Fill();
        await using var file = File.OpenRead(await WriteLayerAsync(encoder));
        await using var sharp = new GZipInputStream(file) { IsStreamOwner = false };
        (await SHA256.HashDataAsync(sharp)).Should().Equal(SHA256.HashData(store.TarBytes()));

        file.Position = 0;
        await using var bcl = new GZipStream(file, CompressionMode.Decompress);
        (await SHA256.HashDataAsync(bcl)).Should().Equal(SHA256.HashData(store.TarBytes()));
    }

    /// <summary>
    /// What a library of a known identity has made once it makes for ever: layers are found by it. Another version of a library, and .NET on
    /// another processor, have another identity; of those that are not in the file no more can be said than that they are new, and
    /// UPDATE_GOLDEN=1 adds their line. All other tests of this class hold for them, too.
    /// </summary>
    [Theory(Timeout = Limit)]
    [MemberData(nameof(Encoders))]
    public async Task The_bytes_of_a_known_identity_do_not_change(PackingEncoder encoder)
    {
        store.File("text", string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i * 2654435761L % 1000003} ")));
        store.File("bin/tool", "#!/bin/sh\n", executable: true);
        store.Link("sbin", "bin");
        using var packer = new Packer(encoder);
        var layer = await packer.PackAsync(store.Tar());

        var golden = TestFiles.Golden("layers-by-encoder.txt");
        var known = File.ReadAllLines(golden).Select(l => l.Split(' ')).ToDictionary(l => l[0], l => l[1]);
        var identity = packer.Compressor.Format.Identity;
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && known.TryAdd(identity, Digest.Of(layer).ToString()))
        {
            await File.WriteAllLinesAsync(golden, known.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key} {l.Value}"));
        }

        known.GetValueOrDefault(identity, Digest.Of(layer).ToString()).Should().Be(Digest.Of(layer).ToString());
        known.Keys.Should().Contain(k => k.StartsWith(NameOf(identity), StringComparison.Ordinal), "the file has one of each encoder");
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Any_piece_comes_back_and_fits_into_the_room_that_is_promised(PackingEncoder encoder)
    {
        var format = PieceFormat.Of(new PackingOptions { Encoder = encoder });
        using var one = format.CreateEncoder();
        using var other = format.CreateEncoder();
        var destination = new byte[format.MostEncodedBytes];
        var pieces = ArbMap.Default.GeneratorFor<byte[]>().Where(b => b is not null).Zip(Gen.Choose(0, 9)).ToArbitrary();
        Prop.ForAll(pieces, p =>
        {
            var encoded = destination.AsSpan(0, one.Encode(p.Item2, p.Item1, destination)).ToArray();
            Decode(encoded, format.Compression).Should().Equal(p.Item1);
            destination.AsSpan(0, other.Encode(p.Item2, p.Item1, destination)).ToArray().Should().Equal(encoded, "who has done nothing before says the same");
        }).QuickCheckThrowOnFailure();

        var noise = RandomNumberGenerator.GetBytes(format.PieceBytes);
        Decode(destination.AsSpan(0, one.Encode(0, noise, destination)).ToArray(), format.Compression).Should().Equal(noise);
    }

    [Fact]
    public void Whatever_changes_the_bytes_changes_the_identity()
    {
        PackingEncoder[] encoders = [PackingEncoder.Libdeflate, PackingEncoder.Bcl, PackingEncoder.Zstd];
        decimal?[] levels = [1, 3.5m, 5, 9];

        var identities = encoders.SelectMany(e => levels.Select(l => new PackingOptions { Encoder = e, Level = l })).Select(o => PieceFormat.Of(o).Identity).ToList();

        identities.Should().OnlyHaveUniqueItems();
        identities.Should().OnlyContain(i => !i.Contains('\n', StringComparison.Ordinal) && !i.Contains(' ', StringComparison.Ordinal));
        PieceFormat.Of(new PackingOptions { Encoder = PackingEncoder.Libdeflate, Level = 5.0m }).Identity
            .Should().Be(PieceFormat.Of(new PackingOptions { Encoder = PackingEncoder.Libdeflate, Level = 5 }).Identity);
    }

    [Theory]
    [InlineData(0.25, "0001000100")]
    [InlineData(0.5, "0101010101")]
    [InlineData(0.6, "0101101011")]
    [InlineData(0.75, "0111011101")]
    public void Between_two_levels_that_share_of_the_pieces_is_of_the_higher_one(double share, string higher)
    {
        using var between = new BetweenLevels(new Stamp('0'), new Stamp('1'), (decimal)share);
        var destination = new byte[1];

        string.Concat(Enumerable.Range(0, 10).Select(n => (char)destination[between.Encode(n, [], destination) - 1])).Should().Be(higher);
    }

    [Fact]
    public void What_is_asked_for_and_not_installed_is_refused_in_a_sentence()
    {
        ProblemOf(PackingEncoder.Zstd, null, isInstalled: false).Should().Contain("libzstd.so.1").And.Contain("apt-get install libzstd1");
        ProblemOf(PackingEncoder.Libdeflate, null, isInstalled: false).Should().Contain("libdeflate0");
        ProblemOf(PackingEncoder.Auto, null, isInstalled: false).Should().BeNull("there is .NET");
        ProblemOf(PackingEncoder.Auto, 12, isInstalled: true).Should().BeNull();
        ProblemOf(PackingEncoder.Auto, 12, isInstalled: false).Should().Contain("Nixery:Packing:Level is 12; Bcl has the levels 1 to 9");
        ProblemOf(PackingEncoder.Zstd, 0.5m, isInstalled: true).Should().Contain("0.5");
        ProblemOf(PackingEncoder.Bcl, 9, isInstalled: false).Should().BeNull();
    }

    private static string? ProblemOf(PackingEncoder encoder, decimal? level, bool isInstalled) =>
        PieceFormat.FindProblem(new PackingOptions { Encoder = encoder, Level = level }, _ => isInstalled);

    /// <summary>What an identity begins with whatever the version.</summary>
    private static string NameOf(string identity) => identity.StartsWith("zstd", StringComparison.Ordinal) ? "zstd" : identity[..identity.IndexOf('-', 5)];

    private static byte[] Decode(byte[] encoded, LayerCompression compression)
    {
        if (compression == LayerCompression.Zstd)
        {
            return ZstdReader.Decode(encoded);
        }

        using var gzip = new GZipStream(new MemoryStream(encoded), CompressionMode.Decompress);
        using var decoded = new MemoryStream();
        gzip.CopyTo(decoded);
        return decoded.ToArray();
    }

    private async Task<string> WriteLayerAsync(PackingEncoder encoder)
    {
        using var packer = new Packer(encoder);
        var path = Path.Combine(store.Folder, "layer");
        await File.WriteAllBytesAsync(path, await packer.PackAsync(store.Tar()));
        return path;
    }

    /// <summary>Several pieces of text, of noise, and a rest.</summary>
    private void Fill()
    {
        store.File("text", string.Concat(Enumerable.Range(0, 700_000).Select(i => $"{i * 7919 % 104729} ")));
        store.File("noise", Convert.ToBase64String(SHA256.HashData(new byte[1])));
        using var noise = File.Create(store.At("noise"));
        for (var i = 0; i < 100_000; i++)
        {
            noise.Write(SHA256.HashData(BitConverter.GetBytes(i)));
        }

        store.File("rest", "x");
    }

    /// <summary>Says that it was here, whatever the piece.</summary>
    private sealed class Stamp(char text) : IPieceEncoder
    {
        public int Encode(long number, ReadOnlySpan<byte> piece, Span<byte> destination)
        {
            destination[0] = (byte)text;
            return 1;
        }

        public void Dispose()
        {
        }
    }
}
