namespace Nixery.Building;

/// <summary>How large the Nix store is, as far as that is known.</summary>
public interface INixStoreSize
{
    /// <summary>From the last look; null where no limit is set, since then nobody looks: Nix counts each path.</summary>
    long? StoreBytes { get; }
}
