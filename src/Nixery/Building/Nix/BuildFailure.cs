using System.Text.RegularExpressions;

namespace Nixery.Building.Nix;

/// <summary>Finds in the error output of a realisation what failed and the sentence that says why.</summary>
internal static partial class BuildFailure
{
    public static RealisationOutcome Of(string errorTail)
    {
        if (NixTrouble.Of(errorTail) is { } trouble)
        {
            return new RealisationOutcome.Unavailable(trouble);
        }

        if (NixTrouble.IsOfTheNetwork(errorTail))
        {
            var what = Failed().Match(errorTail) is { Success: true } failure ? failure.Groups["name"].Value : "something that the packages need";
            return new RealisationOutcome.Unavailable($"{what} cannot be downloaded now: {NixText.Sentence(NetworkLine(errorTail))}");
        }

        var foreign = ForeignSystem().Match(errorTail);
        if (foreign.Success)
        {
            return new RealisationOutcome.Failed(
                foreign.Groups["name"].Value,
                $"{foreign.Groups["name"].Value} is in no binary cache for {foreign.Groups["system"].Value}, and this server cannot build for it");
        }

        // The first is the cause: what depends on it fails after it.
        var failed = Failed().Match(errorTail);
        return Gone().IsMatch(errorTail) && !failed.Success
            ? new RealisationOutcome.DerivationGone("a derivation is no longer in the Nix store of this server")
            : failed.Success ? OfBuilder(errorTail, failed) : new RealisationOutcome.Failed(null, NixText.Sentence(NixText.LastError(errorTail)));
    }

    private static string NetworkLine(string errorTail) => errorTail.Split('\n').Last(NixTrouble.IsOfTheNetwork);

    private static RealisationOutcome.Failed OfBuilder(string errorTail, Match failed)
    {
        var name = failed.Groups["name"].Value;
        var message = failed.Groups["how"] is { Length: > 0 } how ? how.Value : Reason().Match(errorTail).Groups["how"].Value;
        var line = LastLogLine(errorTail, failed.Index);
        var sentence = $"{name} {(message.Length > 0 ? message.Trim().TrimEnd(';', '.') : "failed to build")}";
        return new(name, NixText.Sentence(line is null ? sentence : $"{sentence}: {line}"));
    }

    /// <summary>
    /// What the builder printed last: behind the error after <c>&gt; </c> where Nix repeats it, else before it. Lines
    /// of Nix itself are none of it.
    /// </summary>
    private static string? LastLogLine(string errorTail, int errorIndex)
    {
        var repeated = errorTail[errorIndex..].Split('\n').Skip(1)
            .TakeWhile(l => !l.StartsWith("error:", StringComparison.Ordinal))
            .Select(l => l.TrimStart())
            .LastOrDefault(l => l.StartsWith("> ", StringComparison.Ordinal) && l.Length > 2);
        return repeated is not null
            ? repeated[2..]
            : errorTail[..errorIndex].Split('\n').LastOrDefault(l => l.Trim().Length > 0 && !FromNix().IsMatch(l));
    }

    private const string Derivation = @"['‘]/nix/store/[0-9a-z]{32}-(?<name>[^'’]+?)\.drv(?:[!^][^'’]*)?['’]";

    // Nix up to 2.30: "builder for '….drv' failed with exit code 1"; later: "Cannot build '….drv'." and "Reason: builder
    // failed with exit code 1."; and "hash mismatch in fixed-output derivation '….drv':".
    [GeneratedRegex(
        "^error: (?:builder for |build of |Cannot build |cannot build |hash mismatch in fixed-output derivation )"
        + Derivation + "(?<how> (?:failed|during)[^\n]*)?",
        RegexOptions.Multiline)]
    private static partial Regex Failed();

    [GeneratedRegex(@"^\s*Reason: (?<how>[^\n]+)", RegexOptions.Multiline)]
    private static partial Regex Reason();

    [GeneratedRegex(@"a '(?<system>[a-z0-9_]+-[a-z0-9]+)' with features \{[^}]*\} is required to build " + Derivation)]
    private static partial Regex ForeignSystem();

    [GeneratedRegex(
        @"^error: (?:cannot build missing derivation|path ['‘]/nix/store/[^'’]+\.drv['’] is not valid)"
        + "|^don't know how to build these paths",
        RegexOptions.Multiline)]
    private static partial Regex Gone();

    [GeneratedRegex(
        "^(?:error: |warning: |building '|copying |downloading |waiting for |querying info|  /nix/store/"
        + "|th(?:is|ese) .*will be (?:built|fetched))")]
    private static partial Regex FromNix();
}
