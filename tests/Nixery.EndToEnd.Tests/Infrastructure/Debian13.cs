namespace Nixery.EndToEnd.Infrastructure;

/// <summary>kubectl and docker-compose of Debian 13; made by the first who asks, which takes minutes that no single test should be charged.</summary>
public sealed class Debian13 : IAsyncLifetime
{
    public async Task InitializeAsync() => (await RunInAsync(Checkout.PathOf("deploy/nodes"), new Dictionary<string, string?>(), "true")).Succeeded();

    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>In a copy of a folder.</summary>
    internal Task<Ran> RunInAsync(string folder, IReadOnlyDictionary<string, string?> environment, params IEnumerable<string> command) =>
        Programs.RunInAsync(environment, Checkout.PathOf("tests/container/in-debian-13"), [Checkout.Kept, folder, .. command]);
}
