using System.Net;
using Nixery.Server.Access.Logins;

namespace Nixery.Server.Tests.Access;

public sealed class LoginTurnsTests : IDisposable
{
    private const int Limit = 30_000;
    private const int Many = 300;

    private readonly LoginTurns _turns = new();

    public void Dispose() => _turns.Dispose();

    [Theory(Timeout = Limit)]
    [InlineData("192.0.2.{0}", "192.0.3.1")]
    [InlineData("2001:db8:0:{0}::1", "2001:db8:1::1")]
    public async Task Who_comes_from_many_addresses_of_one_network_leaves_others_a_place(string ofMany, string other)
    {
        var (begun, waiting) = await ComeAsync(i => string.Format(null, ofMany, i % 256));
        waiting.Should().HaveCount(32, "half of the places are anybody's");

        var others = Enumerable.Range(0, Many).Select(_ => TakeAsync(other)).ToList();

        others.Count(o => !o.IsCompleted).Should().Be(16, "they wait as the others do");
        await EndAllAsync(begun, [.. waiting, .. others.Where(o => !o.IsCompleted)]);
    }

    [Fact(Timeout = Limit)]
    public async Task All_networks_together_have_so_many_places()
    {
        var (begun, waiting) = await ComeAsync(i => $"10.0.{i % 256}.1");

        waiting.Should().HaveCount(64);
        await EndAllAsync(begun, waiting);
    }

    /// <summary>Who has a turn at once, and who waits for one; the others are sent away.</summary>
    private async Task<(IReadOnlyList<IDisposable> Begun, IReadOnlyList<Task<IDisposable?>> Waiting)> ComeAsync(Func<int, string> addressOf)
    {
        var many = Enumerable.Range(0, Many).Select(i => TakeAsync(addressOf(i))).ToList();
        var answered = await Task.WhenAll(many.Where(t => t.IsCompleted));
        return ([.. answered.OfType<IDisposable>()], [.. many.Where(t => !t.IsCompleted)]);
    }

    private Task<IDisposable?> TakeAsync(string from) => _turns.TakeAsync(IPAddress.Parse(from), CancellationToken.None).AsTask();

    /// <summary>In the order in which they came.</summary>
    private static async Task EndAllAsync(IReadOnlyList<IDisposable> begun, IReadOnlyList<Task<IDisposable?>> waiting)
    {
        foreach (var turn in begun)
        {
            turn.Dispose();
        }

        foreach (var turn in waiting)
        {
            (await turn)!.Dispose();
        }
    }
}
