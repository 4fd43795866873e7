using Nixery.EndToEnd.Infrastructure;

namespace Nixery.EndToEnd;

public sealed class FailingPackagesTests : IDisposable
{
    private const int Limit = 120_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = Limit)]
    public async Task A_build_that_fails_is_denied_with_the_sentence_that_matters()
    {
        await using var server = await ServeAsync("""
            { system, ... }: {
              fails = derivation {
                name = "fails-1.0";
                inherit system;
                builder = "/bin/sh";
                args = [ "-c" "echo looking around; echo the flux capacitor is missing >&2; exit 7" ];
              };
            }
            """);
        using var client = server.CreateClient();

        var answer = await client.ManifestAsync("fails");

        answer.Status.Should().Be(403);
        answer.Error.Code.Should().Be("DENIED");
        answer.Error.Message.Should().Contain("fails-1.0").And.Contain("the flux capacitor is missing");
        server.Log.Should().Contain("refused with 403");
    }

    [Fact(Timeout = Limit)]
    public async Task A_nix_store_that_is_damaged_is_named_and_how_it_is_mended()
    {
        var name = $"damaged-{Guid.NewGuid():N}";
        await using var server = await ServeAsync($$"""
            { system, ... }: {
              tool = derivation {
                name = "{{name}}";
                inherit system;
                builder = "/bin/sh";
                args = [ "-c" "echo all of the tool > $out; exit 0" ];
              };
            }
            """);
        using var client = server.CreateClient();
        (await client.ManifestAsync("tool")).Status.Should().Be(200);
        var tool = Directory.GetFiles("/nix/store", $"*-{name}").Should().ContainSingle().Subject;
        var (content, time) = (await File.ReadAllBytesAsync(tool), File.GetLastWriteTimeUtc(tool));
        Directory.Delete(Path.Combine(RunningServer.StorageOf(_folder.Path), "blobs"), recursive: true);
        try
        {
            Rewrite(tool, content[..3], time);

            var answer = await client.ManifestAsync("tool");

            answer.Status.Should().Be(503);
            answer.Error.Message.Should().Contain("Nix store").And.Contain(name).And.Contain("nix-store --verify");
        }
        finally
        {
            Rewrite(tool, content, time);
        }

        (await client.ManifestAsync("tool")).Status.Should().Be(200);
    }

    [Fact(Timeout = Limit)]
    public async Task A_package_that_is_added_to_the_folder_is_found()
    {
        await using var server = await ServeAsync("{ system, ... }: { }");
        using var client = server.CreateClient();
        (await client.ManifestAsync("tool")).Status.Should().Be(404);

        _folder.Write("packages/default.nix", """
            { system, ... }: {
              tool = derivation {
                name = "tool-1.0";
                inherit system;
                builder = "/bin/sh";
                args = [ "-c" "echo a tool > $out; exit 0" ];
              };
            }
            """);
        // An edit of the folder is noticed within a second or so.
        Answer? answer = null;
        for (var tries = 0; answer is not { Status: 200 } && tries < 500; tries++)
        {
            answer = await client.ManifestAsync("tool");
        }

        answer!.Status.Should().Be(200, answer.Text);
    }

    [Fact(Timeout = Limit)]
    public async Task A_package_set_that_does_not_parse_is_the_registrys_fault_and_may_pass()
    {
        await using var server = await ServeAsync("{ system, ... }: { tool = ");
        using var client = server.CreateClient();

        var answer = await client.ManifestAsync("tool");

        answer.Status.Should().Be(503);
        answer.ContentType.Should().Be("application/json");
        answer.RetryAfter.Should().BePositive();
        answer.Error.Message.Should().Contain("does not parse");
    }

    [Fact(Timeout = Limit)]
    public async Task A_derivation_that_was_collected_before_its_build_is_evaluated_anew()
    {
        var nix = new WatchedNix(_folder.Path);
        nix.HoldBack();
        await using var server = await ServeAsync(
            $$"""
            { system, ... }: {
              tool = derivation {
                name = "tool-{{Guid.NewGuid():N}}";
                inherit system;
                builder = "/bin/sh";
                args = [ "-c" "echo a tool > $out; exit 0" ];
              };
            }
            """,
            nix.Environment);
        using var client = server.CreateClient();

        var pull = client.ManifestAsync("tool");
        await Eventually.Async(() => nix.Realisations.Any(), "the build begins");
        var derivation = nix.Realisations.Single().Split(' ')[2].Split('!')[0];
        (await Programs.RunAsync("nix-store", "--delete", derivation)).Succeeded();
        nix.LetGo();
        var answer = await pull;

        answer.Status.Should().Be(200, answer.Text);
        nix.Realisations.Should().HaveCount(2);
    }

    private Task<RunningServer> ServeAsync(string packageSet) => ServeAsync(packageSet, new Dictionary<string, string?>());

    private Task<RunningServer> ServeAsync(string packageSet, Dictionary<string, string?> environment) =>
        RunningServer.StartOnSetAsync(_folder.Path, packageSet, environment);

    private static void Rewrite(string path, byte[] content, DateTime time)
    {
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.SetLastWriteTimeUtc(path, time);
    }
}
