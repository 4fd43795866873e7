namespace Nixery.Building.Nix;

/// <summary>How Nix is used.</summary>
public sealed record NixOptions
{
    /// <summary>
    /// Below it are the garbage-collector roots of what is being packed. The setting is a folder that several servers may share; the
    /// builder is given a claimed folder in it, of this process alone.
    /// </summary>
    public string RootsPath { get; init; } = "";

    /// <summary>The longest that one evaluation or one realisation may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many evaluations and realisations run at a time.</summary>
    public int MostAtOnce { get; init; } = System.Environment.ProcessorCount;

    /// <summary>How many more may wait for their turn; beyond that a client is told to come back.</summary>
    public int MostWaiting { get; init; } = 200;

    /// <summary>Nothing is built here: what no binary cache has is refused. Evaluations build nothing either.</summary>
    public bool SubstituteOnly { get; init; }

    /// <summary>What Nix's environment has beyond the server's, for instance <c>NIX_CONFIG</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
