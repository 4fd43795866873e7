using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

/// <summary>Two servers on one storage learn from what both have built, at the thirtieth image.</summary>
public sealed class LearningTests : IDisposable
{
    private static readonly string[] Tools = ["toola", "toolb", "toolc", "toold", "toole"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 240_000)]
    public async Task Servers_that_share_a_storage_learn_together_and_neither_changes_what_was_answered()
    {
        var packages = Directory.CreateDirectory(_folder.Inner("packages")).FullName;
        _folder.Write("packages/default.nix", $$"""
            { system, ... }:
            let
              build = name: rest: derivation ({
                inherit name system;
                builder = "/bin/sh";
                args = [ "-c" "printf '%s\n' $name $own $shared > $out; exit 0" ];
              } // rest);
              shared = build "shared-1.0" { };
              tool = name: build "${name}-1.0" { inherit shared; own = build "own-of-${name}-1.0" { }; };
            in
            { {{string.Join(' ', Tools.Select(t => $"{t} = tool \"{t}\";"))}} }
            """);
        var environment = new Dictionary<string, string?> { ["NIXERY_PKGS_PATH"] = packages };
        await using var one = await RunningServer.StartAsync(_folder.Path, environment);
        await using var two = await RunningServer.StartAsync(_folder.Path, environment);
        using var clients = new Pair(one.CreateClient(), two.CreateClient());
        // All ways to choose one or more of five tools: thirty-one.
        string[] images = [.. Enumerable.Range(1, 31).Select(bits => string.Join('/', Tools.Where((_, i) => (bits >> i & 1) == 1)))];

        var digests = new List<string>();
        foreach (var (i, image) in images.Index())
        {
            digests.Add(await clients.DigestAsync(i % 2, image));
        }

        (one.Log + two.Log).Split("learned from 30 images").Should().HaveCount(2, "one table is made, at the thirty-first build");
        foreach (var (i, image) in images.Index())
        {
            (await clients.DigestAsync((i + 1) % 2, image)).Should().Be(digests[i], "{0} is what it was, whoever is asked", image);
        }
    }

    private sealed class Pair(RegistryClient one, RegistryClient two) : IDisposable
    {
        public async Task<string> DigestAsync(int which, string image)
        {
            var answer = await (which == 0 ? one : two).ManifestAsync(image);
            answer.Status.Should().Be(200, answer.Text);
            return answer.Digest!;
        }

        public void Dispose()
        {
            one.Dispose();
            two.Dispose();
        }
    }
}
