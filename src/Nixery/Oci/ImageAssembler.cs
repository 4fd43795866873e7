using Nixery.Images;

namespace Nixery.Oci;

/// <summary>A layer and what it holds, as <c>docker history</c> shows it.</summary>
public sealed record AssembledLayer(WrittenLayer Layer, string CreatedBy);

/// <summary>What a container of the image gets besides its files.</summary>
/// <param name="Created">The same for the same packages at the same pin.</param>
/// <param name="Command">What runs when the user names no command; null for nothing.</param>
/// <param name="Labels">Written in ordinal order.</param>
public sealed record ImageContract(DateTimeOffset Created, IReadOnlyList<string>? Command, IReadOnlyDictionary<string, string> Labels)
{
    /// <summary>On the OCI manifest alone, Docker's has no place for them; written in ordinal order.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>Bytes that are to be stored, with the descriptor that names them.</summary>
public sealed record Document(Descriptor Descriptor, ReadOnlyMemory<byte> Content);

/// <summary>An image in both families of media types. The config's bytes are the same in both.</summary>
/// <param name="DockerManifest">Null where Docker's family has no type for the layers.</param>
public sealed record AssembledImage(Document Config, Document OciManifest, Document? DockerManifest);

/// <summary>Turns stored layers into config and manifest: a pure function, the same bytes for the same input.</summary>
public static class ImageAssembler
{
    /// <summary>
    /// Where programs look for others and for the CA bundle. The first is the PATH that docker's own images have, so that
    /// what a Dockerfile copies to /usr/local/bin into an image FROM ours is found.
    /// </summary>
    private static readonly string[] Environment =
    [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt",
        "NIX_SSL_CERT_FILE=/etc/ssl/certs/ca-bundle.crt",
        "GIT_SSL_CAINFO=/etc/ssl/certs/ca-bundle.crt",
    ];

    /// <param name="layers">Bottom first.</param>
    /// <param name="compression">Of all the layers.</param>
    public static AssembledImage Assemble(Platform platform, ImageContract contract, IReadOnlyList<AssembledLayer> layers, LayerCompression compression)
    {
        var created = Rfc3339.Write(contract.Created);
        var config = OciJson.Write(new ImageConfig(
            created,
            platform.Architecture,
            "linux",
            new ContainerConfig(Environment, contract.Command, Ordered(contract.Labels)),
            new RootFileSystem("layers", [.. layers.Select(l => l.Layer.DiffId)]),
            [.. layers.Select(l => new HistoryEntry(created, l.CreatedBy))]));

        return new AssembledImage(
            Name(config, MediaTypes.Oci.Config),
            ManifestOf(compression == LayerCompression.Zstd ? MediaTypes.OciZstd : MediaTypes.Oci, config, layers, Ordered(contract.Annotations)),
            compression == LayerCompression.Zstd ? null : ManifestOf(MediaTypes.Docker, config, layers, annotations: null));
    }

    private static SortedDictionary<string, string> Ordered(IReadOnlyDictionary<string, string> words) =>
        new(words.ToDictionary(), StringComparer.Ordinal);

    private static Document ManifestOf(
        MediaTypes types, byte[] config, IReadOnlyList<AssembledLayer> layers, SortedDictionary<string, string>? annotations)
    {
        var content = OciJson.Write(new ImageManifest(
            2,
            types.Manifest,
            Name(config, types.Config).Descriptor,
            [.. layers.Select(l => new Descriptor(types.Layer, l.Layer.Digest, l.Layer.SizeBytes))])
        {
            Annotations = annotations is { Count: > 0 } ? annotations : null,
        });
        return Name(content, types.Manifest);
    }

    private static Document Name(byte[] content, string mediaType) =>
        new(new Descriptor(mediaType, Digest.Of(content), content.Length), content);
}
