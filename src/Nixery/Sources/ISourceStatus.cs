using Nixery.Images;

namespace Nixery.Sources;

/// <summary>What the package sets are and how they do; free of secrets.</summary>
public interface ISourceStatus
{
    /// <summary>One for each set, the default one first.</summary>
    IReadOnlyList<SetStatus> Read();

    /// <summary>Pins a tag of each set; returns a sentence for each that cannot be read.</summary>
    Task<IReadOnlyList<string>> LookAsync(Tag tag, CancellationToken cancellationToken);
}

/// <param name="Name">The declared name; null for the default set.</param>
/// <param name="Source">Where its packages come from, without credentials.</param>
/// <param name="Pins">The tags that are remembered, in ordinal order.</param>
public sealed record SetStatus(string? Name, string Source, IReadOnlyList<PinStatus> Pins);

/// <param name="Tag">As it was asked for.</param>
/// <param name="Revision">What it means; null when that is not known.</param>
/// <param name="Age">Since the source said so.</param>
/// <param name="Failure">Why it could not be looked up since; null when it could.</param>
public sealed record PinStatus(string Tag, string? Revision, TimeSpan? Age, PinFailure? Failure);
