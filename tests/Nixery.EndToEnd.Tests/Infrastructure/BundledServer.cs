namespace Nixery.EndToEnd.Infrastructure;

/// <summary>One server over the bundled package set for all tests that only pull, so that an image is built once.</summary>
public sealed class BundledServer : IAsyncLifetime, IDisposable
{
    public const string Collection = "the server of the bundled packages";

    /// <summary>What the README pulls.</summary>
    internal const string Image = "shell/git/htop";

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<(string Image, string? Accept), PulledImage> _pulled = [];
    private RunningServer? _server;

    internal RunningServer Server => _server!;

    public async Task InitializeAsync() => _server = await RunningServer.StartAsync(_folder.Path);

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>After <see cref="DisposeAsync"/>: nobody writes there any more.</summary>
    public void Dispose() => _folder.Dispose();

    /// <summary>Pulls with the tests' own client; the same again is what was pulled before.</summary>
    internal async Task<PulledImage> PullAsync(string image, string? accept = null)
    {
        if (!_pulled.TryGetValue((image, accept), out var pulled))
        {
            using var client = Server.CreateClient();
            pulled = await client.PullAsync(image, NewFolder(), accept);
            _pulled.Add((image, accept), pulled);
        }

        return pulled;
    }

    /// <summary>Pulls with skopeo.</summary>
    internal async Task<PulledImage> CopyBySkopeoAsync(string image)
    {
        var to = NewFolder();
        (await Programs.RunAsync("skopeo", "copy", "--src-tls-verify=false", $"docker://{Server.Host}/{image}", $"dir:{to}")).Succeeded();
        return PulledImage.In(to);
    }

    private string NewFolder() => Directory.CreateDirectory(_folder.Inner(Guid.NewGuid().ToString("N"))).FullName;
}

[CollectionDefinition(BundledServer.Collection)]
public sealed class UsesBundledServer : ICollectionFixture<BundledServer>;
