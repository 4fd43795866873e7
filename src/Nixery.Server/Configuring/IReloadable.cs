namespace Nixery.Server.Configuring;

/// <summary>Something that is read from files, and can be read anew while the server runs.</summary>
internal interface IReloadable
{
    /// <summary>Those whose content is watched; they need not be there.</summary>
    IReadOnlyList<string> Files { get; }

    /// <summary>Reads anew. What is no good changes nothing, and the log says why; never throws for what a file says.</summary>
    void Reload();
}
