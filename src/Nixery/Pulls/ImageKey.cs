using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// Identity of an image: whatever can change a byte of it is in the key, so that what is stored under a key stays right. It may be let
/// go by any server at any time, so its record is read from the storage.
/// </summary>
internal static class ImageKey
{
    /// <summary>Raise it whenever root layer, config or manifest of the same packages come out differently.</summary>
    private const string Format = "image-2";

    public static RecordKey Of(ImageRequest request, PinnedSource source, string layersIdentity) => RecordKey.Changing(
        "image",
        [
            Format,
            source.Key,
            request.Platform.NixSystem,
            request.HasShell ? MetaPackages.Shell : "",
            layersIdentity,
            .. request.Packages.Select(p => p.Text),
        ]);
}
