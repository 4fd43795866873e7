using Microsoft.Extensions.Logging.Abstractions;

namespace Nixery.Storage.Tests;

public sealed class FileBlobStoreTests : SpooledBlobStoreContract, IDisposable
{
    private readonly ScratchStorage _scratch = new();

    private protected override IBlobStore Store => new FileBlobStore(_scratch.Folder);

    public void Dispose() => _scratch.Dispose();

    private protected override int CountLeftovers() => _scratch.CountUnfinished();

    private protected override string UnfinishedFolder => Path.Combine(_scratch.Root, "unfinished");
}

public sealed class FileRecordStoreTests : ExclusiveRecordsContract, IDisposable
{
    private readonly ScratchStorage _scratch = new();

    private protected override IRecordStore Store => new FileRecordStore(_scratch.Folder);

    public void Dispose() => _scratch.Dispose();
}

public sealed class RememberingRecordStoreTests : RecordStoreContract, IDisposable
{
    private readonly ScratchStorage _scratch = new();
    private readonly RememberingRecordStore _store;

    public RememberingRecordStoreTests() => _store = new RememberingRecordStore(new FileRecordStore(_scratch.Folder), limitBytes: 1_000_000);

    private protected override IRecordStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task A_record_that_was_used_is_answered_from_memory()
    {
        var key = RecordKey.Of("kind", "a");
        await new FileRecordStore(_scratch.Folder).PutAsync(key, "1"u8.ToArray(), CancellationToken.None);
        await _store.FindAsync(key, CancellationToken.None);
        Directory.Delete(Path.Combine(_scratch.Root, "records"), recursive: true);

        (await _store.FindAsync(key, CancellationToken.None))!.Value.ToArray().Should().Equal("1"u8.ToArray());
    }

    [Fact]
    public async Task A_record_that_another_server_may_change_is_read_from_the_storage_each_time()
    {
        var key = RecordKey.Changing("kind", "a");
        await _store.PutAsync(key, "1"u8.ToArray(), CancellationToken.None);
        await new FileRecordStore(_scratch.Folder).PutAsync(key, "2"u8.ToArray(), CancellationToken.None);

        (await _store.FindAsync(key, CancellationToken.None))!.Value.ToArray().Should().Equal("2"u8.ToArray());
        _store.KeptBytes.Should().Be(0);
    }

    [Fact]
    public async Task More_than_the_limit_is_not_kept()
    {
        for (var i = 0; i < 300; i++)
        {
            await _store.PutAsync(RecordKey.Of("kind", $"{i}"), new byte[100_000], CancellationToken.None);
        }

        _store.KeptBytes.Should().BeLessThanOrEqualTo(1_000_000);
        (await _store.FindAsync(RecordKey.Of("kind", "0"), CancellationToken.None)).Should().NotBeNull("the store behind it has it");
    }
}

public sealed class StorageFolderTests : IDisposable
{
    private readonly ScratchStorage _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void What_a_dead_process_left_is_swept_at_the_next_start()
    {
        var unfinished = Path.Combine(_scratch.Root, "unfinished");
        var dead = Directory.CreateDirectory(Path.Combine(unfinished, "dead"));
        File.WriteAllText(Path.Combine(unfinished, "dead.lock"), "");
        File.WriteAllText(Path.Combine(dead.FullName, "half a blob"), "half");

        using var next = ScratchStorage.FolderAt(_scratch.Root);

        dead.Refresh();
        dead.Exists.Should().BeFalse();
        File.Exists(Path.Combine(unfinished, "dead.lock")).Should().BeFalse();
    }

    [Fact]
    public async Task What_would_have_to_be_copied_to_its_place_is_refused_and_never_seen_half()
    {
        var other = Directory.CreateDirectory(Path.Combine("/dev/shm", Guid.NewGuid().ToString("N")));
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(_scratch.Root, "blobs"), other.FullName);
            var store = new FileBlobStore(_scratch.Folder);
            await using var writer = await store.CreateAsync(CancellationToken.None);
            await writer.Content.WriteAsync("whole"u8.ToArray());

            await FluentActions.Awaiting(() => writer.CommitAsync(CancellationToken.None)).Should().ThrowAsync<IOException>().WithMessage("*another file system*");

            other.EnumerateFiles("*", SearchOption.AllDirectories).Should().BeEmpty();
        }
        finally
        {
            other.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_a_living_process_is_writing_stays()
    {
        await using var writer = await new FileBlobStore(_scratch.Folder).CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync("begun"u8.ToArray());

        using (var next = ScratchStorage.FolderAt(_scratch.Root))
        {
            _scratch.CountUnfinished().Should().Be(1);
        }

        await writer.Content.WriteAsync(" and ended"u8.ToArray());
        (await writer.CommitAsync(CancellationToken.None)).SizeBytes.Should().Be(15);
    }

    [Fact]
    public void An_orderly_end_leaves_nothing_unfinished()
    {
        _scratch.Folder.Dispose();

        Directory.EnumerateFileSystemEntries(Path.Combine(_scratch.Root, "unfinished")).Should().BeEmpty();
    }
}

/// <summary>A storage folder of a test's own.</summary>
internal sealed class ScratchStorage : IDisposable
{
    public ScratchStorage() => Folder = FolderAt(Root);

    public string Root { get; } = Directory.CreateTempSubdirectory("nixery-storage-").FullName;

    public StorageFolder Folder { get; }

    public static StorageFolder FolderAt(string root) => new(root, NullLogger<StorageFolder>.Instance);

    public int CountUnfinished() => Directory.EnumerateFiles(Path.Combine(Root, "unfinished"), "*", SearchOption.AllDirectories)
        .Count(f => !f.EndsWith(".lock", StringComparison.Ordinal));

    public void Dispose()
    {
        Folder.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}
