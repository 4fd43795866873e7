namespace Nixery.Pulls;

/// <summary>How much one image and one client may take. 0 is no limit.</summary>
public sealed record LimitOptions
{
    /// <summary>Packages of one image, with those that presets bring, without those that every image has.</summary>
    public int Packages { get; init; }

    /// <summary>All store paths of an image, before compression.</summary>
    public long ClosureBytes { get; init; }

    /// <summary>Builds of one client that run or wait; an evaluation that finds no such package is one too.</summary>
    public int BuildsAtOnce { get; init; } = 100;

    /// <summary>Builds that one client may begin in an hour.</summary>
    public int BuildsPerHour { get; init; }

    /// <summary>Manifests by tag that one client may wait for at a time.</summary>
    public int PullsAtOnce { get; init; }

    /// <summary>Blobs that one client may be sent at a time.</summary>
    public int DownloadsAtOnce { get; init; }

    /// <summary>Bytes of blobs that this server sends one client in an hour.</summary>
    public long BytesPerHour { get; init; }
}
