using Nixery.Packing;
using Nixery.Packing.Encoders;

namespace Nixery.Tests.Packing;

/// <summary>What packs, put together as the server does.</summary>
internal sealed class Packer : IDisposable
{
    private readonly PieceThreads _threads;

    public Packer(PackingEncoder encoder)
        : this(new PackingOptions { Encoder = encoder }, Environment.ProcessorCount)
    {
    }

    public Packer(PackingOptions options, int threads)
    {
        var format = PieceFormat.Of(options);
        Stock = new PieceStock(format, options.MemoryBytes);
        _threads = new PieceThreads(format, threads);
        Compressor = new LayerCompressor(format, Stock, _threads);
    }

    public PieceStock Stock { get; }

    public LayerCompressor Compressor { get; }

    public async Task<byte[]> PackAsync(ILayerContent content)
    {
        using var destination = new MemoryStream();
        await Compressor.PackAsync(content, destination, CancellationToken.None);
        return destination.ToArray();
    }

    public void Dispose() => _threads.Dispose();
}
