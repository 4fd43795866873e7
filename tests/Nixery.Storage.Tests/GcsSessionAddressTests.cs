using System.Collections.Concurrent;
using Nixery.Doubles;
using Nixery.Storage.Buckets;
using Nixery.Storage.Gcs;

namespace Nixery.Storage.Tests;

/// <summary>Where an upload goes on, with our token, is said by an answer.</summary>
public sealed class GcsSessionAddressTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;
    private static readonly byte[] Large = new byte[20_000_000];

    private GcsBench _bench = null!;

    public async Task InitializeAsync() => _bench = await GcsBench.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Another_server_is_not_told_the_token_however_it_is_named()
    {
        await using var other = await GcsDouble.StartAsync();
        var heard = new ConcurrentQueue<string>();
        other.Misbehaviour.Instead = context =>
        {
            heard.Enqueue(context.Request.Headers.Authorization.ToString());
            return Task.FromResult(false);
        };

        var fault = await RefusedAsync(new Uri(other.Address, "/upload/storage/v1/b/images/o?uploadType=resumable&upload_id=secret").AbsoluteUri);

        fault.Message.Should().Contain(other.Address.Authority).And.Contain(_bench.Server.Address.Authority).And.NotContain("secret");
        heard.Should().BeEmpty();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Nor_is_another_scheme_of_the_same_server() =>
        await RefusedAsync($"https://{_bench.Server.Address.Authority}/upload/storage/v1/b/images/o?upload_id=1");

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_address_without_a_server_is_on_the_same_one()
    {
        _bench.Server.Misbehaviour.Instead = context =>
        {
            context.Response.OnStarting(() =>
            {
                var said = context.Response.Headers.Location.ToString();
                context.Response.Headers.Location = said.Length > 0 ? new Uri(said).PathAndQuery : default;
                return Task.CompletedTask;
            });
            return Task.FromResult(false);
        };

        (await WriteAsync()).SizeBytes.Should().Be(Large.Length);
    }

    [Theory]
    [InlineData("https://storage.googleapis.com/", "https://storage.googleapis.com/upload/x", true)]
    [InlineData("https://storage.googleapis.com/", "https://www.googleapis.com/upload/x", true)]
    [InlineData("https://storage.us-central1.rep.googleapis.com/", "https://storage.googleapis.com/upload/x", true)]
    [InlineData("https://storage.googleapis.com/", "https://STORAGE.googleapis.com:443/upload/x", true)]
    [InlineData("https://storage.googleapis.com/", "http://storage.googleapis.com/upload/x", false)]
    [InlineData("https://storage.googleapis.com/", "https://storage.googleapis.com:8443/upload/x", false)]
    [InlineData("https://storage.googleapis.com/", "https://googleapis.com.example.com/upload/x", false)]
    [InlineData("https://storage.googleapis.com/", "https://evilgoogleapis.com/upload/x", false)]
    [InlineData("https://storage.googleapis.com/", "https://storage.googleapis.com@example.com/upload/x", false)]
    [InlineData("https://images.example.com/", "https://storage.googleapis.com/upload/x", false)]
    [InlineData("https://images.example.com:8443/", "https://images.example.com:8443/upload/x", true)]
    [InlineData("https://images.example.com:8443/", "https://images.example.com/upload/x", false)]
    public void Of_Google_any_server_is_trusted_and_of_others_the_one_that_was_named(string endpoint, string address, bool isTrusted) =>
        new GcsOptions { Endpoint = new Uri(endpoint) }.Trusts(new Uri(address)).Should().Be(isTrusted);

    private async Task<BucketRefusedException> RefusedAsync(string location)
    {
        _bench.Server.Misbehaviour.Instead = context =>
        {
            if (context.Request.Query["uploadType"] != "resumable")
            {
                return Task.FromResult(false);
            }

            context.Response.Headers.Location = location;
            return Task.FromResult(true);
        };
        return (await FluentActions.Awaiting(WriteAsync).Should().ThrowAsync<BucketRefusedException>()).Which;
    }

    private async Task<StoredBlob> WriteAsync()
    {
        await using var writer = await _bench.Blobs.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync(Large);
        return await writer.CommitAsync(CancellationToken.None);
    }
}
