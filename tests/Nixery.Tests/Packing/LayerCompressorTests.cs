using System.IO.Compression;
using System.Security.Cryptography;
using Nixery.Oci;
using Nixery.Packing;
using Nixery.Rootfs;
using Nixery.Tests.Rootfs;

namespace Nixery.Tests.Packing;

public sealed class LayerCompressorTests : IDisposable
{
    private readonly TemporaryStore store = new();
    private readonly Packer packer = new(PackingEncoder.Auto);

    public void Dispose()
    {
        store.Dispose();
        packer.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_layer_unpacks_to_the_tar_that_the_diffID_names()
    {
        store.File("x", new string('x', 1_000_000));
        using var destination = new MemoryStream();

        var packed = await packer.Compressor.PackAsync(store.Tar(), destination, CancellationToken.None);

        destination.Position = 0;
        using var tar = new MemoryStream();
        using (var gzip = new GZipStream(destination, CompressionMode.Decompress, leaveOpen: true))
        {
            await gzip.CopyToAsync(tar);
        }

        tar.ToArray().Should().Equal(store.TarBytes());
        packed.Should().Be(new PackedTar(Digest.Of(tar.ToArray()), tar.Length));
        destination.CanWrite.Should().BeTrue("the caller owns it");
    }

    [Fact(Timeout = 120_000)]
    public async Task A_big_file_is_packed_in_little_memory()
    {
        store.File("big");
        using (var handle = File.OpenHandle(store.At("big"), FileMode.Open, FileAccess.Write))
        {
            RandomAccess.SetLength(handle, 300_000_000);
        }

        // All the pieces there are, before anything is measured: they are made when they are needed first, and then used again.
        var all = new PieceShare(packer.Stock.Count);
        var pieces = Enumerable.Range(0, packer.Stock.Count).Select(_ => packer.Stock.Take(all, CancellationToken.None)).ToList();
        pieces.ForEach(piece => packer.Stock.Return(piece, all));

        var content = new MeasuredContent(store.Tar());
        var packed = await packer.Compressor.PackAsync(content, Stream.Null, CancellationToken.None);

        packed.TarSizeBytes.Should().BeGreaterThan(300_000_000);
        content.AllocatedBytes.Should().BeLessThan(4_000_000);
    }

    [Fact(Timeout = 60_000)]
    public async Task Cancelling_stops_in_the_middle_of_a_file()
    {
        store.File("big");
        using (var handle = File.OpenHandle(store.At("big"), FileMode.Open, FileAccess.Write))
        {
            RandomAccess.SetLength(handle, 4_000_000_000_000);
        }

        using var cancellation = new CancellationTokenSource();
        using var destination = new CancellingStream(cancellation);

        var packing = () => packer.Compressor.PackAsync(store.Tar(), destination, cancellation.Token);

        await packing.Should().ThrowAsync<OperationCanceledException>();
        packer.Stock.Free.Should().Be(packer.Stock.Count, "what was taken is given back");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_failing_destination_is_told_as_it_is()
    {
        store.File("x", Convert.ToHexString(RandomNumberGenerator.GetBytes(2_000_000)));

        var packing = () => packer.Compressor.PackAsync(store.Tar(), new FullDisk(), CancellationToken.None);

        await packing.Should().ThrowAsync<IOException>().WithMessage("disk full");
        packer.Stock.Free.Should().Be(packer.Stock.Count, "what was taken is given back");
    }

    [Fact]
    public async Task GNU_tar_sees_the_modes_of_the_root_layer()
    {
        OutputTree[] outputs = [Trees.Output("bash-5", "bin/bash*")];
        var archive = Path.Combine(store.Folder, "root.tar");
        await using (var file = File.Create(archive))
        {
            new RootLayerTar(RootTree.Of(outputs, BaseFiles.For(outputs))).WriteTo(file, CancellationToken.None);
        }

        var lines = (await Tool.RunAsync("tar", "-tvf", archive)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines[0].Should().StartWith("drwxr-xr-x 0/0").And.EndWith(" ./");
        lines.Should().ContainSingle(l => l.StartsWith("drwxrwxrwt", StringComparison.Ordinal) && l.EndsWith(" tmp/", StringComparison.Ordinal));
        lines.Should().ContainSingle(l => l.StartsWith("drwx------", StringComparison.Ordinal) && l.EndsWith(" root/", StringComparison.Ordinal));
        lines.Should().ContainSingle(l => l.StartsWith("-rw-r--r--", StringComparison.Ordinal) && l.EndsWith(" etc/passwd", StringComparison.Ordinal));
        lines.Should().ContainSingle(l => l.EndsWith(" bin/sh -> bash", StringComparison.Ordinal));
        (await Tool.RunAsync("tar", "-xOf", archive, "etc/passwd")).Should().StartWith("root:x:0:0:root:/root:/bin/sh\n");
    }

    // One thread reads a layer from end to end; all that is not its own is the stock, which is there before.
    private sealed class MeasuredContent(ILayerContent content) : ILayerContent
    {
        public long AllocatedBytes { get; private set; }

        public void WriteTo(Stream destination, CancellationToken cancellationToken)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            content.WriteTo(destination, cancellationToken);
            AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private sealed class CancellingStream(CancellationTokenSource cancellation) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await cancellation.CancelAsync();
    }

    private sealed class FullDisk : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("disk full");
    }
}
