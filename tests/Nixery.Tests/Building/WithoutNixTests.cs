using Nixery.Building;
using Nixery.Building.Nix;

namespace Nixery.Tests.Building;

/// <summary>Takes PATH from the whole process: other tests would not find git.</summary>
[Collection(AloneCollection.Name)]
public sealed class WithoutNixTests : IDisposable
{
    private const int Limit = 60_000;
    private readonly NixBench _nix = new();

    public void Dispose() => _nix.Dispose();

    [Fact(Timeout = Limit)]
    public async Task Without_Nix_all_is_unavailable()
    {
        var set = _nix.Set("{ }");
        var path = Environment.GetEnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("PATH", "/nowhere");
        try
        {
            (await _nix.EvaluateAsync(set, "a")).Should().Be(new EvaluationOutcome.Unavailable(NixTrouble.NotInstalled));
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
        }
    }
}
