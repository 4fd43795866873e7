namespace Nixery.Pulls;

/// <summary>What it took to have an image, from the least on.</summary>
public enum ImageOrigin
{
    /// <summary>It was known to be stored in full a moment ago: the storage was not asked for its blobs.</summary>
    Memory,

    /// <summary>It was stored, in full.</summary>
    Storage,

    /// <summary>All of its outputs were in other images before: nothing was realised.</summary>
    Composed,

    /// <summary>Nix has realised its outputs.</summary>
    Built,
}

/// <summary>An image that was made before.</summary>
internal sealed record KnownImage(StoredImage Stored, ImageOrigin Origin);
