using System.Net;
using Nixery.Images;
using Nixery.Pulls;

namespace Nixery.Server.Tests;

public sealed class IndexTests : IAsyncLifetime
{
    private readonly Registry _registry = new();

    public Task InitializeAsync() => _registry.InitializeAsync();

    public Task DisposeAsync() => _registry.DisposeAsync();

    [Fact(Timeout = 60_000)]
    public async Task What_an_index_has_evaluated_needs_no_evaluation_at_a_pull_or_at_another_index()
    {
        var lines = new List<IndexProgress>();
        var result = await _registry.Index.RunAsync("", Tag.Latest, Platform.Amd64, [], new Lines(lines), CancellationToken.None);
        await _registry.Index.RunAsync("", Tag.Latest, Platform.Amd64, [.. new[] { "git", "git", "cacert", "iana-etc" }.Select(PackageName.Parse)], new Lines(lines), CancellationToken.None);
        var evaluations = _registry.Builder.Evaluations;

        using var pull = await _registry.Client.GetAsync("/v2/git/hello/manifests/latest");

        result.Problem.Should().BeNull();
        lines[0].Should().Be(new IndexProgress(4, 4, 2));
        pull.StatusCode.Should().Be(HttpStatusCode.OK);
        _registry.Builder.Evaluations.Should().Be(evaluations);
        (await _registry.Index.RunAsync("nope", Tag.Latest, Platform.Amd64, [], new Lines(lines), CancellationToken.None)).Problem.Should().Contain("nope");
    }

    private sealed class Lines(List<IndexProgress> lines) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) => lines.Add(value);
    }
}
