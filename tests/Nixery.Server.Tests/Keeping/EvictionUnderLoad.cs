using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Nixery.Server.Tests.Keeping;

/// <summary>
/// A storage that holds a third of what is pulled, and clients that pull at random all the same. NIXERY_LOAD_SECONDS makes them pull for
/// so long, for figures; without it they end after a number of pulls.
/// </summary>
public abstract class EvictionUnderLoad(ITestOutputHelper output)
{
    protected const int TimeoutMilliseconds = 400_000;
    private const int Blocks = 24;
    private const int Clients = 4;
    private const int Pulls = 28;
    private const long MaxBytes = (long)Blocks * FixedImageBuilder.BlockBytes / 3;

    private static readonly string[] Images =
    [
        .. Enumerable.Range(11, Blocks).Select(i => $"block-{i}"),
        .. Enumerable.Range(11, Blocks / 4).Select(i => $"block-{i}/block-{i + 1}"),
    ];

    protected async Task EveryAnswerIsRightAndTheLimitIsKeptAsync(string kind, int servers)
    {
        await using var store = await StoreUnderTest.StartAsync(kind);
        var registries = new List<Registry>();
        try
        {
            for (var i = 0; i < servers; i++)
            {
                registries.Add(await StartAsync(store));
            }

            var clients = new PullingClients([.. registries.Select(r => r.Client)], Images, () => store.UsedBytes);
            var begun = Stopwatch.GetTimestamp();
            await clients.RunAsync(Clients, n => Seconds is { } seconds ? Stopwatch.GetElapsedTime(begun).TotalSeconds > seconds : n > Pulls, CancellationToken.None);

            output.WriteLine($"{kind}, {servers}: {clients} of {MaxBytes}, in {Stopwatch.GetElapsedTime(begun).TotalSeconds:F0} s; {registries.Sum(r => r.Builder.Realisations)} realisations");
            clients.Wrong.Should().BeEmpty();
            clients.MostBytes.Should().BeLessThanOrEqualTo((long)(MaxBytes * 1.1)).And.BeGreaterThan(MaxBytes / 2, "or else nothing has to go");
            clients.Complete.Should().BeGreaterThan(clients.PutOff, "or else it is right because nothing is answered");
            clients.Distinct.Should().BeGreaterThan(Blocks / 3 * 3 / 2, "or else nothing has to go");
            // What is seen while it goes on.
            (await registries[0].Check.RunAsync(CancellationToken.None)).Findings.Select(f => $"{f.Name} {f.Problem}").Should().BeEmpty();
        }
        finally
        {
            foreach (var registry in registries)
            {
                await registry.DisposeAsync();
            }
        }
    }

    private static double? Seconds =>
        double.TryParse(Environment.GetEnvironmentVariable("NIXERY_LOAD_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    private static async Task<Registry> StartAsync(StoreUnderTest store)
    {
        var registry = new Registry();
        foreach (var (name, value) in store.Settings)
        {
            registry.More[name] = value;
        }

        registry.More["Nixery:Storage:MaxBytes"] = MaxBytes.ToString(CultureInfo.InvariantCulture);
        registry.More["Nixery:Storage:Grace"] = "00:00:01";
        await registry.InitializeAsync();
        // How long a build waits for room is not what is looked at here.
        registry.Client.Timeout = Timeout.InfiniteTimeSpan;
        return registry;
    }
}

public sealed class FolderUnderLoadTests(ITestOutputHelper output) : EvictionUnderLoad(output)
{
    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(1)]
    [InlineData(2)]
    public Task Every_answer_is_right_and_the_limit_is_kept(int servers) => EveryAnswerIsRightAndTheLimitIsKeptAsync("files", servers);
}

public sealed class BucketUnderLoadTests(ITestOutputHelper output) : EvictionUnderLoad(output)
{
    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("s3", 2)]
    [InlineData("gcs", 1)]
    public Task Every_answer_is_right_and_the_limit_is_kept(string kind, int servers) => EveryAnswerIsRightAndTheLimitIsKeptAsync(kind, servers);
}
