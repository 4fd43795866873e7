using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Oci;
using Nixery.Pulls;
using Nixery.Pulls.Keeping;
using Nixery.Storage;

namespace Nixery.Tests.Pulls.Keeping;

/// <summary>A storage in a folder with images whose layers are words, and who keeps it in order; forty days have passed since they were made.</summary>
internal sealed class KeptStorage : IDisposable
{
    public const int LayerBytes = 1000;

    private readonly TemporaryFolder _folder = new();
    private readonly StorageFolder _storage;
    private readonly List<StoredImage> _images = [];

    public KeptStorage()
    {
        _storage = new StorageFolder(_folder.Path, NullLogger<StorageFolder>.Instance);
        Steps = new SteppedWarehouse(new FileBlobStore(_storage), new FileRecordStore(_storage));
        Warehouse = new Warehouse(Steps, Steps, new FileLeases(_storage));
        Uses = new ImageUses(Time);
        Time.Skip(TimeSpan.FromDays(40));
    }

    public SkippingTime Time { get; } = new();

    public SteppedWarehouse Steps { get; }

    public Warehouse Warehouse { get; }

    public ImageUses Uses { get; }

    public Condemned Condemned => new(Steps, Time);

    public DateTimeOffset Now => Time.GetUtcNow();

    public void Dispose()
    {
        Uses.Dispose();
        _storage.Dispose();
        _folder.Dispose();
    }

    /// <summary>As a server that has just started: it remembers nothing but what is in the storage.</summary>
    public Eviction Keeper(KeepingOptions options)
    {
        var look = Look();
        return new Eviction(Warehouse, look, new Sweep(Warehouse, look, Condemned), new OldRecords(Warehouse), options, Time, NullLogger<Eviction>.Instance);
    }

    public BlobsInUse InUse { get; } = new();

    public StorageLook Look() => new(Warehouse, Uses, InUse);

    public BuildCache Cache() =>
        new(new TypedRecords(Steps, NullLogger<TypedRecords>.Instance), Steps, Condemned, new PullOptions(), Time);

    public static KeepingOptions Limit(long maxBytes, params string[] keep) => new(maxBytes, TimeSpan.Zero, TimeSpan.FromMinutes(10), keep);

    public static RecordKey KeyOf(string name) => RecordKey.Changing("image", name);

    public async Task<StoredImage> MakeAsync(string name, params string[] layers)
    {
        var stored = new List<StoredBlob>();
        foreach (var layer in layers.Prepend($"config of {name}"))
        {
            stored.Add(await PutAsync(layer));
            if (layers.Contains(layer))
            {
                var written = new WrittenLayer(stored[^1].Digest, stored[^1].SizeBytes, stored[^1].Digest);
                await Steps.PutAsync(RecordKey.Of("layer", layer), JsonSerializer.SerializeToUtf8Bytes(written, BuildRecordJson.Default.WrittenLayer), CancellationToken.None);
            }
        }

        var manifest = await PutAsync($"manifest of {name}");
        var image = new StoredImage(new Descriptor("oci", manifest.Digest, manifest.SizeBytes), null, stored) { Label = new ImageLabel(name, "r1", RecordKey.Of("image-table", name).Hex) };
        await RecordAsync(name, image);
        _images.Add(image);
        return image;
    }

    public Task RecordAsync(string name, StoredImage image) =>
        Steps.PutAsync(KeyOf(name), JsonSerializer.SerializeToUtf8Bytes(image, BuildRecordJson.Default.StoredImage), CancellationToken.None);

    /// <summary>Whether its record says so.</summary>
    public async Task<bool> IsGoneAsync(string name) =>
        JsonSerializer.Deserialize((await Steps.FindAsync(KeyOf(name), CancellationToken.None))!.Value.Span, BuildRecordJson.Default.StoredImage)!.IsGone;

    /// <summary>Some server has answered it so many days ago.</summary>
    public Task UseAsync(StoredImage image, int daysAgo) => Steps.PutAsync(
        ImageUses.KeyOf(image.Oci.Digest),
        JsonSerializer.SerializeToUtf8Bytes(new UseRecord(ImageUses.DayOf(Now).AddDays(-daysAgo)), UseJson.Default.UseRecord),
        CancellationToken.None);

    public async Task<bool> IsThereAsync(StoredImage image) => (await SizesAsync(image.All())).All(s => s is not null);

    public async Task<long> UsedBytesAsync() => await Look().CountAsync(CancellationToken.None);

    /// <summary>The images of which a client can get the manifest by its digest, and not all that it names.</summary>
    public async Task<IReadOnlyList<string>> FindBrokenAsync()
    {
        var broken = new List<string>();
        foreach (var image in _images)
        {
            if (await Steps.FindSizeAsync(image.Oci.Digest, CancellationToken.None) is not null && (await SizesAsync(image.Blobs)).Contains(null))
            {
                broken.Add(image.Label!.Name);
            }
        }

        return broken;
    }

    public Dictionary<string, string> Files() => new DirectoryInfo(_folder.Path).EnumerateFiles("*", SearchOption.AllDirectories)
        .Where(f => !f.FullName.Contains("unfinished", StringComparison.Ordinal))
        .ToDictionary(f => f.FullName, f => $"{f.LastWriteTimeUtc.Ticks} {Convert.ToHexString(File.ReadAllBytes(f.FullName))}");

    private async Task<IReadOnlyList<long?>> SizesAsync(IEnumerable<StoredBlob> blobs)
    {
        var sizes = new List<long?>();
        foreach (var blob in blobs)
        {
            sizes.Add(await Steps.FindSizeAsync(blob.Digest, CancellationToken.None));
        }

        return sizes;
    }

    public async Task<StoredBlob> PutAsync(string content)
    {
        await using var writer = await Steps.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync(Encoding.UTF8.GetBytes(content.PadRight(LayerBytes)));
        return await writer.CommitAsync(CancellationToken.None);
    }
}
