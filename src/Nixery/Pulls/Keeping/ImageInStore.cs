using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Pulls.Keeping;

/// <summary>An image's record as it was read.</summary>
/// <param name="Written">By the clock of the medium.</param>
/// <param name="LastDay">When any server answered it last; that is not more than what was written down.</param>
/// <param name="LastAnswered">When this server answered it last; null where it does not remember.</param>
internal sealed record ImageInStore(RecordKey Key, StoredImage Image, DateTimeOffset Written, DateOnly? LastDay, DateTimeOffset? LastAnswered)
{
    public IEnumerable<Digest> Manifests => Image.Docker is { } docker ? [Image.Oci.Digest, docker.Digest] : [Image.Oci.Digest];

    /// <summary>What the record names, whether the image is there or not.</summary>
    public IEnumerable<Digest> Digests => Manifests.Concat(Image.Blobs.Select(b => b.Digest));

    /// <summary>The last day on which it was made or answered: what this server could not write down it knows all the same.</summary>
    public DateOnly LastUse => LastDay is { } day && day > ImageUses.DayOf(LastMoment) ? day : ImageUses.DayOf(LastMoment);

    /// <summary>The last moment at which it is known to have been made or answered.</summary>
    public DateTimeOffset LastMoment => LastAnswered is { } answered && answered > Written ? answered : Written;

    public string Name => Image.Label is { } label ? $"{label.Name}:{label.Revision}" : Image.Oci.Digest.ToString();
}
