using Nixery.Closures;

namespace Nixery.Building.Nix;

/// <summary>
/// A folder with the links that Nix registers as garbage-collector roots. A root holds as long as its link is there
/// (<c>--indirect</c>), so to let go is to delete the folder.
/// </summary>
internal sealed class HeldRoots
{
    private readonly string _folder;

    private HeldRoots(string folder) => _folder = folder;

    /// <summary>Where the first link goes; Nix appends <c>-2</c>, <c>-dev</c> and so on for the others.</summary>
    public string LinkPath => Path.Combine(_folder, "result");

    public static HeldRoots In(string parent) =>
        new(Directory.CreateDirectory(Path.Combine(parent, Guid.NewGuid().ToString("N"))).FullName);

    /// <summary>Idempotent.</summary>
    public void Release()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}

/// <summary>A realisation whose roots go when it is disposed, or are kept as long as there is room.</summary>
/// <param name="key">What they hold.</param>
internal sealed class HeldRealisation(ClosureGraph closure, HeldRoots roots, string key, KeptRoots kept) : Realisation(closure)
{
    private bool _isDisposed;

    public override ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            kept.LetGo(key, roots);
        }

        return ValueTask.CompletedTask;
    }
}
