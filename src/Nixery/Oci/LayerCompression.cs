namespace Nixery.Oci;

/// <summary>How the layers of an image are compressed; each has a media type of its own.</summary>
public enum LayerCompression
{
    Gzip,
    Zstd,
}
