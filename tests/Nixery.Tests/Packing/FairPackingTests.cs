using Nixery.Packing;

namespace Nixery.Tests.Packing;

public sealed class FairPackingTests : IDisposable
{
    private const int Limit = 60_000;
    private static readonly PackingOptions Little = new() { MemoryBytes = 1 };
    private readonly Packer packer = new(Little, threads: 2);

    public void Dispose() => packer.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_small_layer_does_not_wait_for_the_end_of_huge_ones()
    {
        using var enough = new CancellationTokenSource();
        var huge = Enumerable.Range(0, 6).Select(_ => packer.Compressor.PackAsync(new Endless(enough.Token), Stream.Null, CancellationToken.None)).ToList();

        for (var i = 0; i < 20; i++)
        {
            (await packer.PackAsync(new Bytes(3_000_000))).Should().NotBeEmpty();
        }

        huge.Should().OnlyContain(h => !h.IsCompleted, "they end when they are told to");
        await enough.CancelAsync();
        await Task.WhenAll(huge);
        packer.Stock.Free.Should().Be(packer.Stock.Count);
    }

    [Fact(Timeout = Limit)]
    public async Task A_destination_that_stands_still_does_not_hold_up_the_others()
    {
        using var roomy = new Packer(new PackingOptions { MemoryBytes = 1024 * 1024 * 1024 }, threads: 2);
        using var enough = new CancellationTokenSource();
        var standing = new Standing();
        var held = roomy.Compressor.PackAsync(new Endless(enough.Token), standing, CancellationToken.None);

        (await roomy.PackAsync(new Bytes(3_000_000))).Should().NotBeEmpty();
        (roomy.Stock.Count - roomy.Stock.Free).Should().BeLessThan(roomy.Stock.Count / 2);

        await enough.CancelAsync();
        standing.Go.SetResult();
        await held;
    }

    [Fact(Timeout = Limit)]
    public async Task Pieces_are_given_out_in_order_of_arrival_and_none_is_lost_to_one_who_gives_up()
    {
        var stock = packer.Stock;
        var all = new PieceShare(stock.Count);
        var taken = Enumerable.Range(0, stock.Count).Select(_ => stock.Take(all, CancellationToken.None)).ToList();
        var served = new List<int>();
        var waiting = new List<Task>();
        using var gaveUp = new CancellationTokenSource();
        for (var i = 0; i < 5; i++)
        {
            waiting.Add(WaitAsync(i, i == 2 ? gaveUp.Token : CancellationToken.None));
            await Until(() => stock.Waiting == i + 1);
        }

        await gaveUp.CancelAsync();
        await Until(() => stock.Waiting == 4);
        stock.Return(taken[0], all);
        await Task.WhenAll(waiting);

        served.Should().Equal(0, 1, 3, 4);
        taken.Skip(1).ToList().ForEach(p => stock.Return(p, all));
        stock.Free.Should().Be(stock.Count);

        Task WaitAsync(int who, CancellationToken cancellationToken) => Task.Factory.StartNew(
            () =>
            {
                var share = new PieceShare(1);
                try
                {
                    var piece = stock.Take(share, cancellationToken);
                    // One piece goes from hand to hand, so only who has it writes here.
                    served.Add(who);
                    stock.Return(piece, share);
                }
                catch (OperationCanceledException)
                {
                    // The one that gives up.
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }

    private sealed class Bytes(int count) : ILayerContent
    {
        public void WriteTo(Stream destination, CancellationToken cancellationToken) => destination.Write(new byte[count]);
    }

    /// <summary>Goes on until it is told that it is enough.</summary>
    private sealed class Endless(CancellationToken enough) : ILayerContent
    {
        public void WriteTo(Stream destination, CancellationToken cancellationToken)
        {
            var some = new byte[64 * 1024];
            while (!enough.IsCancellationRequested)
            {
                cancellationToken.ThrowIfCancellationRequested();
                destination.Write(some);
            }
        }
    }

    private sealed class Standing : MemoryStream
    {
        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await Go.Task;
    }
}
