namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A server with a package that does not build, and one whose package set is broken.</summary>
public sealed class FaultyRegistries : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private RunningServer? _someFail;
    private RunningServer? _noneParses;

    /// <summary>Has <c>git</c>, and <c>fails</c>, whose build fails.</summary>
    internal RunningServer SomeFail => _someFail!;

    /// <summary>Its package set does not parse.</summary>
    internal RunningServer NoneParses => _noneParses!;

    public async Task InitializeAsync()
    {
        _someFail = await ServeAsync("some-fail", """
            { system, ... }:
            let
              build = name: script: derivation { inherit name system; builder = "/bin/sh"; args = [ "-c" script ]; };
            in
            {
              git = build "git-1.0" "echo git > $out; exit 0";
              fails = build "fails-1.0" "echo the flux capacitor is missing >&2; exit 7";
            }
            """);
        _noneParses = await ServeAsync("none-parses", "{ system, ... }: { git = ");
    }

    public async Task DisposeAsync()
    {
        foreach (var server in new[] { _someFail, _noneParses }.OfType<RunningServer>())
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>After <see cref="DisposeAsync"/>: nobody writes there any more.</summary>
    public void Dispose() => _folder.Dispose();

    private Task<RunningServer> ServeAsync(string name, string packageSet) =>
        RunningServer.StartOnSetAsync(_folder.Inner(name), packageSet, new Dictionary<string, string?>());
}
