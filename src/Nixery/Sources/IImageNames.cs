using Nixery.Images;

namespace Nixery.Sources;

/// <summary>Reads image names as a pull reads them: who judges a name judges what will be served, however it is spelled.</summary>
public interface IImageNames
{
    /// <returns>Null for a name that asks for no image.</returns>
    AskedImage? Find(ImageName name);
}

/// <param name="Set">The name of the package set; empty for the default one.</param>
/// <param name="Packages">Sorted and distinct, presets expanded.</param>
public sealed record AskedImage(string Set, IReadOnlyList<PackageName> Packages);
