using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Nixery.Building.Nix;
using Nixery.Tests;

namespace Nixery.Server.Tests;

/// <summary>A registry with a folder as its default source, and a git repository of two commits as its set <c>team</c>.</summary>
internal sealed class PinnedRegistry
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    public PinnedRegistry() => Inner = new Registry { Time = Time };

    public ManualTime Time { get; } = new();

    public Registry Inner { get; }

    public string Repository => Path.Combine(Inner.Folder, "repository");

    public string First { get; private set; } = "";

    public string Head { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Repository);
        await GitAsync("init", "--quiet", "--initial-branch=main");
        First = await CommitAsync();
        Head = await CommitAsync();
        Inner.More["Nixery:Source:StatePath"] = Path.Combine(Inner.Folder, "git");
        Inner.More["Nixery:Sets:team:Git"] = $"file://someone:pass-word@localhost{Repository}";
        await Inner.InitializeAsync();
    }

    public Task DisposeAsync() => Inner.DisposeAsync();

    public static string Header(HttpResponseMessage answer, string name) => answer.Headers.GetValues(name).Single();

    public static async Task<JsonElement> JsonOfAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    public async Task<HttpResponseMessage> GetAsync(string path, string accept = OciManifest)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        return await Inner.Client.SendAsync(request);
    }

    public async Task<string> CommitAsync()
    {
        await GitAsync("-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "--quiet", "--allow-empty", "--message", Guid.NewGuid().ToString());
        return (await GitAsync("rev-parse", "HEAD")).Trim();
    }

    public async Task<string> GitAsync(params string[] arguments) =>
        (await new NixProcess(TimeProvider.System, NullLogger<NixProcess>.Instance).RunAsync(
            new ProcessCommand("git", ["-C", Repository, .. arguments], new Dictionary<string, string>()), TimeSpan.FromMinutes(1), CancellationToken.None))
        .Should().BeOfType<ProcessOutcome.Exited>().Which.Output;
}
