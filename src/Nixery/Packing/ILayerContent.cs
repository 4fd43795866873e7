namespace Nixery.Packing;

/// <summary>What a layer is made of, before compression.</summary>
internal interface ILayerContent
{
    /// <summary>
    /// Writes the tar: the same content, the same bytes. Blocks; leaves <paramref name="destination"/> open. Stops at the
    /// next buffer when the token is cancelled; what is written by then is no valid tar.
    /// </summary>
    void WriteTo(Stream destination, CancellationToken cancellationToken);
}
