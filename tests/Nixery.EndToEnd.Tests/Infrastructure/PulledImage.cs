using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A descriptor of a manifest, and where the blob that it names lies.</summary>
internal sealed record PulledBlob(string MediaType, string Digest, long SizeBytes, string Path);

/// <summary>An image in a folder, laid out as skopeo's <c>dir:</c>. Nothing of it is believed: what it says is checked.</summary>
internal sealed class PulledImage
{
    public const string ManifestFile = "manifest.json";

    private PulledImage(string folder)
    {
        var manifest = File.ReadAllBytes(Path.Combine(folder, ManifestFile));
        ManifestDigest = DigestOf(new MemoryStream(manifest));
        Manifest = JsonElement.Parse(manifest);
        ConfigBlob = BlobOf(folder, Manifest.GetProperty("config"));
        Layers = [.. Manifest.GetProperty("layers").EnumerateArray().Select(l => BlobOf(folder, l))];
        Config = JsonElement.Parse(File.ReadAllBytes(ConfigBlob.Path));
    }

    public string ManifestDigest { get; }

    public JsonElement Manifest { get; }

    public PulledBlob ConfigBlob { get; }

    public JsonElement Config { get; }

    public IReadOnlyList<PulledBlob> Layers { get; }

    public string MediaType => Manifest.GetProperty("mediaType").GetString()!;

    public string[] DiffIds => [.. Config.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(d => d.GetString()!)];

    public static PulledImage In(string folder) => new(folder);

    public static string PathOf(string folder, string digest) => Path.Combine(folder, digest[(digest.IndexOf(':', StringComparison.Ordinal) + 1)..]);

    /// <summary>Config and layers, each once.</summary>
    public static IEnumerable<string> DigestsIn(byte[] manifest)
    {
        var parsed = JsonElement.Parse(manifest);
        return parsed.GetProperty("layers").EnumerateArray().Append(parsed.GetProperty("config"))
            .Select(d => d.GetProperty("digest").GetString()!)
            .Distinct();
    }

    public static string DigestOf(Stream content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>Every blob is what its descriptor says, and every layer unpacks to the bytes that its diffID names.</summary>
    public void CheckDigests()
    {
        foreach (var blob in Layers.Append(ConfigBlob))
        {
            using var content = File.OpenRead(blob.Path);
            (content.Length, DigestOf(content)).Should().Be((blob.SizeBytes, blob.Digest));
        }

        DiffIds.Should().HaveCount(Layers.Count);
        foreach (var (layer, diffId) in Layers.Zip(DiffIds))
        {
            using var content = File.OpenRead(layer.Path);
            using var tar = new GZipStream(content, CompressionMode.Decompress);
            DigestOf(tar).Should().Be(diffId, "it is the diffID of {0}", layer.Digest);
        }
    }

    private static PulledBlob BlobOf(string folder, JsonElement descriptor)
    {
        var digest = descriptor.GetProperty("digest").GetString()!;
        return new PulledBlob(
            descriptor.GetProperty("mediaType").GetString()!, digest, descriptor.GetProperty("size").GetInt64(), PathOf(folder, digest));
    }
}
