namespace Nixery.Storage;

/// <summary>Where blobs and records are kept.</summary>
public sealed record StorageOptions
{
    public const string FileSystem = "filesystem";

    /// <summary>Which kind of storage; <see cref="FileSystem"/> is what this build has.</summary>
    public string Backend { get; init; } = FileSystem;

    /// <summary>The folder of the file-system storage.</summary>
    public string Path { get; init; } = "";
}
