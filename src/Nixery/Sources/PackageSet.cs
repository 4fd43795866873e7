namespace Nixery.Sources;

/// <summary>One declared package set.</summary>
/// <param name="Name">The first component of the image names that choose it; empty for the default one.</param>
/// <param name="Source">Where its packages come from, without credentials.</param>
/// <param name="Pinner">Gives its pins, with what it is called with.</param>
/// <param name="Book">What it remembers; null for a folder, which is looked at each time.</param>
/// <param name="Tags">What else than <c>latest</c> and commits can be asked of it.</param>
/// <param name="Status">What its tags mean at the moment.</param>
internal sealed record PackageSet(
    string Name, string Source, ISourcePinner Pinner, PinBook? Book, TagList Tags, Func<IReadOnlyList<PinStatus>> Status);
