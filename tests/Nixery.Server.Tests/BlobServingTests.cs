using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Nixery.Oci;
using Nixery.Tests;

namespace Nixery.Server.Tests;

/// <summary>How stored bytes reach the client: small ones from memory, large ones piece by piece.</summary>
[Collection(AloneCollection.Name)]
public sealed class BlobServingTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;
    private readonly Registry _registry = new();

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData((256 * 1024) + 1)]
    [InlineData(3_000_000)]
    public async Task A_blob_of_any_size_is_its_bytes_whole_and_in_parts(int size)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        var path = Store(Digest.Of(content), content);

        (await _registry.Client.GetByteArrayAsync(path)).Should().Equal(content);
        (await GetAsync(path, from: size / 3, to: size - 1)).Should().Equal(content[(size / 3)..]);
        (await GetAsync(path, from: size / 2, to: size / 2)).Should().Equal(content[size / 2]);
        using var head = await _registry.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        head.Content.Headers.ContentLength.Should().Be(size);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_empty_blob_is_an_empty_answer()
    {
        using var answer = await _registry.Client.GetAsync(Store(Digest.Of([]), []));

        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        answer.Content.Headers.ContentLength.Should().Be(0);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_small_blob_that_was_used_is_answered_from_memory_and_a_large_one_is_not()
    {
        var (small, large) = (RandomNumberGenerator.GetBytes(1_300), RandomNumberGenerator.GetBytes(300_000));
        // As a layer begins; with '{' it might be a manifest, which is kept.
        large[0] = 0x1f;
        string[] paths = [Store(Digest.Of(small), small), Store(Digest.Of(large), large)];
        foreach (var path in paths)
        {
            await _registry.Client.GetByteArrayAsync(path);
        }

        Directory.Delete(Path.Combine(_registry.StorageFolder, "blobs"), recursive: true);

        (await _registry.Client.GetByteArrayAsync(paths[0])).Should().Equal(small);
        (await _registry.Client.GetAsync(paths[1])).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("blobs")]
    [InlineData("manifests")]
    public async Task Damaged_bytes_are_never_served_and_what_they_were_is_made_again(string kind)
    {
        var time = new ManualTime();
        var registry = new Registry { Time = time };
        await registry.InitializeAsync();
        using var manifest = await registry.Client.GetAsync("/v2/hello/manifests/latest");
        var content = await manifest.Content.ReadAsByteArrayAsync();
        var path = $"/v2/hello/{kind}/{Digest.Of(content)}";
        var file = Directory.EnumerateFiles(registry.StorageFolder, Digest.Of(content).Hex, SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(file, [.. content[..^1], (byte)' ']);
        await registry.RestartAsync();

        (await registry.Client.GetAsync(path)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        File.Exists(file).Should().BeFalse();
        using var again = await registry.Client.GetAsync("/v2/hello/manifests/latest");

        (await again.Content.ReadAsByteArrayAsync()).Should().Equal(content);
        (await registry.Client.GetByteArrayAsync(path)).Should().Equal(content);
        await registry.DisposeAsync();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_pull_by_tag_of_a_damaged_manifest_is_told_to_come_back_and_has_it_then()
    {
        var time = new ManualTime();
        var registry = new Registry { Time = time };
        await registry.InitializeAsync();
        using var whole = await registry.Client.GetAsync("/v2/hello/manifests/latest");
        var content = await whole.Content.ReadAsByteArrayAsync();
        var file = Directory.EnumerateFiles(registry.StorageFolder, Digest.Of(content).Hex, SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(file, [.. content[..^1], (byte)' ']);
        await registry.RestartAsync();

        using var damaged = await registry.Client.GetAsync("/v2/hello/manifests/latest");
        time.Advance(TimeSpan.FromSeconds(2));
        using var healed = await registry.Client.GetAsync("/v2/hello/manifests/latest");

        damaged.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        damaged.Headers.RetryAfter.Should().NotBeNull();
        (await healed.Content.ReadAsByteArrayAsync()).Should().Equal(content);
        await registry.DisposeAsync();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_blob_in_another_place_to_which_a_link_leads_is_a_blob()
    {
        var content = RandomNumberGenerator.GetBytes(300_000);
        var path = Store(Digest.Of(content), content);
        var elsewhere = Path.Combine(_registry.Folder, "elsewhere");
        File.Move(FileOf(Digest.Of(content)), elsewhere);
        File.CreateSymbolicLink(FileOf(Digest.Of(content)), elsewhere);

        (await _registry.Client.GetByteArrayAsync(path)).Should().Equal(content);
        File.Delete(elsewhere);
        (await _registry.Client.GetAsync(path)).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_blob_that_is_cut_while_it_is_sent_is_no_whole_answer()
    {
        var path = StoreLarge();
        using var answer = await _registry.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        (await body.ReadAsync(new byte[1])).Should().Be(1);

        // The server has it open, and lets others write only if they let it read.
        await using (var file = new FileStream(FileOf(LargeDigest), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(1_000);
        }

        await FluentActions.Awaiting(() => body.CopyToAsync(Stream.Null)).Should().ThrowAsync<IOException>();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Clients_that_do_not_read_on_hold_little_of_the_memory()
    {
        const int clients = 40;
        const int readBytes = 1024 * 1024;
        var path = StoreLarge();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var connections = Enumerable.Range(0, clients).Select(_ => new TcpClient { ReceiveBufferSize = 64 * 1024 }).ToList();
        try
        {
            var buffer = new byte[readBytes];
            foreach (var connection in connections)
            {
                await connection.ConnectAsync(_registry.Client.BaseAddress!.Host, _registry.Client.BaseAddress.Port);
                await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: registry\r\n\r\n"));
                await connection.GetStream().ReadExactlyAsync(buffer);
            }

            (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan((clients * 512 * 1024) + (16 * 1024 * 1024));
        }
        finally
        {
            connections.ForEach(c => c.Dispose());
        }
    }

    private static readonly Digest LargeDigest = Digest.Of("not its content"u8);

    /// <summary>64 MB, more than the buffers between server and client take in; nothing but zeros, on no disk.</summary>
    private string StoreLarge()
    {
        var path = Store(LargeDigest, []);
        using var file = File.OpenWrite(FileOf(LargeDigest));
        file.SetLength(64 * 1024 * 1024);
        return path;
    }

    /// <returns>The path to ask for.</returns>
    private string Store(Digest digest, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FileOf(digest))!);
        File.WriteAllBytes(FileOf(digest), content);
        return $"/v2/hello/blobs/{digest}";
    }

    private string FileOf(Digest digest) => Path.Combine(_registry.StorageFolder, "blobs", "sha256", digest.Hex[..2], digest.Hex);

    private async Task<byte[]> GetAsync(string path, long from, long to)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Range = new(from, to);
        using var answer = await _registry.Client.SendAsync(request);
        answer.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
