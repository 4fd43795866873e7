using Nixery.Pulls.Keeping;
using Nixery.Storage.Buckets;
using Nixery.Storage.Gcs;
using Nixery.Storage.S3;

namespace Nixery.Server.Configuring;

/// <summary>Where images are kept, and who sends them.</summary>
internal sealed record StorageSettings
{
    /// <summary>What is stored in memory has a limit without a word, so that it never takes all that the machine has.</summary>
    private const long MemoryBytes = 1L << 30;

    public StorageKind Kind { get; init; } = StorageKind.FileSystem;

    /// <summary>The folder of the file-system storage; with a bucket only what is not uploaded yet is there, with memory nothing.</summary>
    public string Path { get; init; } = "";

    public RedirectMode Redirect { get; init; } = RedirectMode.Auto;

    /// <summary>What clients call the bucket's server, where that is not what this server calls it.</summary>
    public Uri? PublicEndpoint { get; init; }

    /// <summary>How long a client may use an address of the bucket's.</summary>
    public TimeSpan UrlLifetime { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How long a bucket that cannot be used is asked again before a request fails.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The longest that a bucket may take to begin an answer, or to go on with one.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much may be stored, in bytes; 0 for no limit, which is what is meant without a word, but in memory.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>How long an image is kept that nobody pulls; zero for ever.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>How long a client may take from an image's manifest to the last of its layers.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Images that stay, by name, with <c>*</c> for anything.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    public S3Options S3 { get; init; } = new();

    public GcsOptions Gcs { get; init; } = new();

    /// <summary>Whether it is a bucket, which others can be sent to, and which outlives the machine.</summary>
    internal bool IsBucket => Kind is StorageKind.S3 or StorageKind.Gcs;

    /// <summary>In bytes; 0 for no limit.</summary>
    internal long LimitBytes => MaxBytes ?? (Kind == StorageKind.Memory ? MemoryBytes : 0);

    public BucketOptions ForBuckets() => new(System.IO.Path.Combine(Path, "unfinished"), Patience, RequestTimeout, UrlLifetime, PublicEndpoint);

    public KeepingOptions ForKeeping() => new(LimitBytes, MaxAge, Grace, Keep);

    public IEnumerable<string> Problems()
    {
        foreach (var problem in KeepingProblems.Of(this))
        {
            yield return problem;
        }

        if (Path.Length == 0)
        {
            yield return "Nixery:Storage:Path (STORAGE_PATH) is a folder, and may not be empty";
        }

        if (Redirect == RedirectMode.On && !IsBucket)
        {
            yield return $"Nixery:Storage:Redirect is on, and a {(Kind == StorageKind.Memory ? "memory" : "folder")} has nowhere to send clients to: it goes with Nixery:Storage:Kind (NIXERY_STORAGE_BACKEND) s3 or gcs";
        }

        if (PublicEndpoint is { } address && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.AbsolutePath != "/" || address.UserInfo.Length > 0))
        {
            yield return "Nixery:Storage:PublicEndpoint is an address as https://images.example.com, without a path or a user";
        }

        if (UrlLifetime < TimeSpan.FromSeconds(1) || UrlLifetime > TimeSpan.FromDays(7))
        {
            yield return $"Nixery:Storage:UrlLifetime is {UrlLifetime}; it is a time of a second to a week, as 00:20:00";
        }

        if (Patience < TimeSpan.Zero || Patience > TimeSpan.FromHours(1))
        {
            yield return $"Nixery:Storage:Patience is {Patience}; it is a time of an hour at most, 00:00:00 to ask once";
        }

        if (RequestTimeout < TimeSpan.FromSeconds(1) || RequestTimeout > TimeSpan.FromHours(1))
        {
            yield return $"Nixery:Storage:RequestTimeout is {RequestTimeout}; it is a time of a second to an hour, as 00:00:30";
        }

        foreach (var problem in Kind == StorageKind.S3 ? S3.Problems("Nixery:Storage:S3") : Kind == StorageKind.Gcs ? Gcs.Problems("Nixery:Storage:Gcs") : [])
        {
            yield return problem;
        }
    }
}

/// <summary>Written in lower case, as Nixery has it.</summary>
internal enum StorageKind
{
    FileSystem,
    S3,
    Gcs,

    /// <summary>Gone with the process.</summary>
    Memory,
}

/// <summary>Whether a client that asks for a blob is sent to the bucket for it.</summary>
internal enum RedirectMode
{
    /// <summary>Where the bucket's address is one that clients can be thought to reach.</summary>
    Auto,

    /// <summary>Always.</summary>
    On,

    /// <summary>Never: all bytes go through this server.</summary>
    Off,
}
