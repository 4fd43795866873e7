using System.Net;
using System.Text.Json;
using Nixery.Pulls;

namespace Nixery.Server.Tests;

public sealed class VerifyTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;
    private readonly Registry _registry = new();

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Nothing_is_wrong_with_what_was_just_built()
    {
        await LayerAsync();

        var found = await _registry.Check.RunAsync(CancellationToken.None);

        found.Findings.Should().BeEmpty();
        found.Blobs.Should().BeGreaterThan(3);
        found.Records.Should().BeGreaterThan(3);
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("damaged")]
    [InlineData("cut")]
    [InlineData("missing")]
    public async Task A_layer_that_is_not_right_is_named_with_what_names_it_and_made_again_after_the_repair(string how)
    {
        var digest = await LayerAsync();
        var path = FileOf("blobs", digest["sha256:".Length..]);
        var right = await File.ReadAllBytesAsync(path);
        switch (how)
        {
            case "damaged":
                await File.WriteAllBytesAsync(path, [.. right[..^1], (byte)~right[^1]]);
                break;
            case "cut":
                await File.WriteAllBytesAsync(path, right[..^1]);
                break;
            default:
                File.Delete(path);
                break;
        }

        var found = await _registry.Check.RunAsync(CancellationToken.None);
        found.Findings.Select(f => f.Name.Split(' ')[0]).Should().BeEquivalentTo(how == "missing" ? ["image", "layer"] : ["blob", "image", "layer"]);
        found.Findings.Should().OnlyContain(f => f.Name.Contains(digest) || f.Problem.Contains(digest));
        await RemoveAsync(found);

        (await _registry.Check.RunAsync(CancellationToken.None)).Findings.Should().BeEmpty();
        (await LayerAsync()).Should().Be(digest);
        (await File.ReadAllBytesAsync(path)).Should().Equal(right);
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("image")]
    [InlineData("layer")]
    [InlineData("closure")]
    [InlineData("tree")]
    [InlineData("package")]
    public async Task A_record_that_cannot_be_read_is_named_and_made_again_after_the_repair(string kind)
    {
        var digest = await LayerAsync();
        var path = Directory.EnumerateFiles(Path.Combine(_registry.StorageFolder, "records", kind), "*", SearchOption.AllDirectories).First();
        await File.WriteAllTextAsync(path, "{\"half\":");

        var found = await _registry.Check.RunAsync(CancellationToken.None);
        found.Findings.Should().ContainSingle().Which.Name.Should().Be($"{kind} record {Path.GetFileName(path)}");
        await RemoveAsync(found);

        await _registry.RestartAsync();
        (await _registry.Check.RunAsync(CancellationToken.None)).Findings.Should().BeEmpty();
        (await LayerAsync()).Should().Be(digest);
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("image", "null")]
    [InlineData("layer", "null")]
    [InlineData("table", "half a table")]
    public async Task A_record_in_which_there_is_nothing_is_named(string kind, string content)
    {
        await LayerAsync();
        var folder = Directory.CreateDirectory(Path.Combine(_registry.StorageFolder, "records", kind, "aa"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, new string('a', 64)), content);

        (await _registry.Check.RunAsync(CancellationToken.None)).Findings.Should().ContainSingle()
            .Which.Name.Should().Be($"{kind} record {new string('a', 64)}");
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Every_record_is_looked_at()
    {
        await LayerAsync();
        // Some are written behind the pull.
        while (!Records().Any(r => r.Contains("/use/", StringComparison.Ordinal))
            || (await _registry.Check.RunAsync(CancellationToken.None)).Records != Records().Count())
        {
            await Task.Yield();
        }

        Records().Should().Contain(r => r.Contains("/layer/", StringComparison.Ordinal));

        IEnumerable<string> Records() => Directory.EnumerateFiles(Path.Combine(_registry.StorageFolder, "records"), "*", SearchOption.AllDirectories)
            .Where(r => !r.Contains("/lease/", StringComparison.Ordinal));
    }

    private static async Task RemoveAsync(CheckedStorage found)
    {
        foreach (var finding in found.Findings)
        {
            await finding.RemoveAsync(CancellationToken.None);
        }
    }

    private async Task<string> LayerAsync()
    {
        using var answer = await _registry.Client.GetAsync("/v2/hello/manifests/latest");
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("layers")[0].GetProperty("digest").GetString()!;
    }

    private string FileOf(string kind, string name) =>
        Directory.EnumerateFiles(Path.Combine(_registry.StorageFolder, kind), name, SearchOption.AllDirectories).Single();
}
