using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Nixery.Oci;
using Nixery.Storage;

namespace Nixery.Server.Tests;

public sealed class PackingTests : IAsyncLifetime
{
    private readonly Registry _registry = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = 120_000)]
    public async Task Two_hundred_images_at_once_are_each_answered_or_told_to_come_back_and_then_answered()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _registry.More["Nixery:Packing:ImagesAtOnce"] = "1";
        _registry.More["Nixery:Packing:MostWaiting"] = "3";
        _registry.Replace = services => services.AddSingleton<IBlobStore>(s => new HeldBlobs(new FileBlobStore(s.GetRequiredService<StorageFolder>()), gate.Task));
        await _registry.InitializeAsync();
        _registry.Client.DefaultRequestHeaders.ConnectionClose = false;

        var asked = Enumerable.Range(0, 200).Select(i => _registry.Client.GetAsync($"/v2/package-{i}/manifests/latest")).ToList();
        var (answered, waiting) = (new List<HttpResponseMessage>(), asked.ToList());
        while (waiting.Count > 4)
        {
            var next = await Task.WhenAny(waiting);
            waiting.Remove(next);
            answered.Add(await next);
        }

        answered.Should().OnlyContain(a => a.StatusCode == HttpStatusCode.TooManyRequests && a.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        gate.SetResult();
        (await Task.WhenAll(waiting)).Should().OnlyContain(a => a.StatusCode == HttpStatusCode.OK);
        for (var i = 0; i < asked.Count; i++)
        {
            using var again = await _registry.Client.GetAsync($"/v2/package-{i}/manifests/latest");
            again.StatusCode.Should().Be(HttpStatusCode.OK);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task An_image_with_nothing_to_pack_does_not_wait_for_those_that_have()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new HeldBlobs(null!, Task.CompletedTask);
        _registry.More["Nixery:Packing:ImagesAtOnce"] = "1";
        _registry.More["Nixery:Packing:MostWaiting"] = "0";
        _registry.Replace = services => services.AddSingleton<IBlobStore>(s => held = new HeldBlobs(new FileBlobStore(s.GetRequiredService<StorageFolder>()), Task.CompletedTask));
        await _registry.InitializeAsync();
        using var known = await _registry.Client.GetAsync("/v2/a/b/manifests/latest");

        held.HoldNext(gate.Task);
        var packing = _registry.Client.GetAsync("/v2/c/manifests/latest");
        await held.Held;
        using var combination = await _registry.Client.GetAsync("/v2/b/manifests/latest");
        using var refused = await _registry.Client.GetAsync("/v2/d/manifests/latest");

        combination.StatusCode.Should().Be(HttpStatusCode.OK);
        refused.StatusCode.Should().Be(HttpStatusCode.TooManyRequests);
        gate.SetResult();
        (await packing).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_layer_is_stored_while_the_rest_of_its_image_is_still_being_realised()
    {
        await _registry.InitializeAsync();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _registry.Builder.Gate = gate.Task;
        _registry.Builder.CanForesee = true;

        var pull = _registry.Client.GetAsync("/v2/hello/manifests/latest");
        while (!Blobs().Any())
        {
            await Task.Yield();
        }

        pull.IsCompleted.Should().BeFalse();
        var early = Blobs().Single();
        gate.SetResult();
        using var answer = await pull;
        LayerFormatTests.LayersOf(await answer.Content.ReadAsStringAsync()).Should().Contain($"sha256:{early}");
    }

    [Fact(Timeout = 60_000)]
    public async Task The_host_ends_within_two_seconds_while_it_packs_and_leaves_nothing_half()
    {
        await _registry.InitializeAsync();
        _registry.Builder.LibraryBytes = 2_000_000_000_000;
        var pull = _registry.Client.GetAsync("/v2/hello/manifests/latest");
        while (!Unfinished().Any(f => LengthOf(f) > 100_000))
        {
            await Task.Yield();
        }

        var begun = Stopwatch.GetTimestamp();
        await _registry.EndAsync();
        await _registry.RestartAsync();
        var took = Stopwatch.GetElapsedTime(begun);

        took.Should().BeLessThan(TimeSpan.FromSeconds(2), "that is how long a host may take, with the next start besides");
        Unfinished().Should().BeEmpty();
        foreach (var blob in Files("blobs"))
        {
            Digest.Of(await File.ReadAllBytesAsync(blob.FullName)).Hex.Should().Be(blob.Name, "what can be seen is whole");
        }

        await EndOfAsync(pull);
    }

    private static async Task EndOfAsync(Task<HttpResponseMessage> pull)
    {
        try
        {
            (await pull).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // The connection went with the server.
        }
    }

    /// <summary>A file may go while it is looked at.</summary>
    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    private IEnumerable<string> Blobs() => Files("blobs").Select(f => f.Name);

    private IEnumerable<FileInfo> Unfinished() => Files("unfinished").Where(f => f.Extension != ".lock");

    private IEnumerable<FileInfo> Files(string kind)
    {
        var folder = new DirectoryInfo(Path.Combine(_registry.StorageFolder, kind));
        return folder.Exists ? folder.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }) : [];
    }

    /// <summary>A storage that takes new blobs only when it is let.</summary>
    private sealed class HeldBlobs(IBlobStore inner, Task first) : IBlobStore
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _gate = first;
        private bool _tells;

        public Task Held => _held.Task;

        /// <summary>The next new blob waits for the gate, and is told of; those after it do not wait.</summary>
        public void HoldNext(Task gate) => (_gate, _tells) = (gate, true);

        public Task<long?> FindSizeAsync(Digest digest, CancellationToken cancellationToken) => inner.FindSizeAsync(digest, cancellationToken);

        public Task<Stream?> OpenAsync(Digest digest, ByteRange range, CancellationToken cancellationToken) =>
            inner.OpenAsync(digest, range, cancellationToken);

        public async Task<IBlobWriter> CreateAsync(CancellationToken cancellationToken)
        {
            var gate = _gate;
            if (_tells)
            {
                (_gate, _tells) = (Task.CompletedTask, false);
                _held.SetResult();
            }

            await gate.WaitAsync(cancellationToken);
            return await inner.CreateAsync(cancellationToken);
        }
    }
}
