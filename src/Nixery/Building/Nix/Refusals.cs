using System.Text.RegularExpressions;
using Nixery.Images;

namespace Nixery.Building.Nix;

/// <summary>Says why a package that exists cannot be had: which, why, and what would help.</summary>
internal static partial class Refusals
{
    /// <summary>From the marks that nixpkgs puts on a package; null when it has none.</summary>
    public static PackageAnswer.Refused? FromMarks(PackageName name, Platform platform, string settings, AnswerReply reply) =>
        ReasonOf(reply.Kind) is { } reason
            ? new(name, reason, Explain(Subject(name, reply.Name), reason, platform, settings, Licence(reply.Licences)))
            : null;

    /// <summary>From what Nix printed when the package was evaluated alone; it may be a dependency that is refused.</summary>
    public static PackageAnswer.Refused FromError(PackageName name, Platform platform, string settings, string errorTail)
    {
        var sentence = NixText.Sentence(NixText.LastError(errorTail));
        var reason = ReasonIn(sentence);
        if (reason is RefusalReason.EvaluationFailed)
        {
            return new(name, reason, $"{name} cannot be evaluated: {sentence}");
        }

        var inner = RefusedPackage().Match(sentence);
        var subject = inner.Success ? Refused(name, inner.Groups[1].Value) : name.Text;
        var licence = InnerLicence().Match(sentence);
        return new(name, reason, Explain(subject, reason, platform, settings, licence.Success ? $" ({licence.Groups[1].Value})" : ""));
    }

    /// <summary>What the set calls a derivation has no recipe or no outputs in the store.</summary>
    public static PackageAnswer.Refused OutsideTheStore(PackageName name) =>
        new(name, RefusalReason.EvaluationFailed, $"{name} has a recipe or an output that is not in the Nix store, so it cannot be in an image");

    /// <summary>The set says that the package is not available, and neither marks it nor throws.</summary>
    public static PackageAnswer.Refused WithoutReason(PackageName name) =>
        new(name, RefusalReason.EvaluationFailed, $"{name} is marked as not available by the package set, without a reason");

    private static string Explain(string subject, RefusalReason reason, Platform platform, string settings, string licence) => reason switch
    {
        RefusalReason.Unfree => $"{subject} has an unfree licence{licence}; {Allowing("NIXPKGS_ALLOW_UNFREE", $"{settings}:Config:AllowUnfree")}",
        RefusalReason.Insecure => $"{subject} is marked as insecure; {Allowing("NIXPKGS_ALLOW_INSECURE", $"{settings}:Config:PermittedInsecurePackages")}",
        RefusalReason.Broken => $"{subject} is marked as broken; {Allowing("NIXPKGS_ALLOW_BROKEN")}",
        _ => $"{subject} is not available for {platform}; ask for another platform, or {Allowing("NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM")}",
    };

    private static string Allowing(string variable, string setting) =>
        $"who runs this registry can allow it with the setting {setting}, or with {variable}=1 in the server's environment";

    private static string Allowing(string setting) => $"who runs this registry can allow it with {setting}=1 in the server's environment";

    private static string Subject(PackageName name, string? nameAndVersion) =>
        nameAndVersion is null || nameAndVersion == name.Text ? name.Text : $"{name} ({NixText.Sentence(nameAndVersion)})";

    // The package that nixpkgs names is the one that was asked for, or one that it needs.
    private static string Refused(PackageName name, string inner) =>
        inner.StartsWith(name.Text, StringComparison.OrdinalIgnoreCase) ? Subject(name, inner) : $"{name} needs {inner}, which";

    private static string Licence(IReadOnlyList<string>? licences) =>
        licences is null or [] ? "" : $" ({NixText.Sentence(string.Join(", ", licences))})";

    private static RefusalReason? ReasonOf(string kind) => kind switch
    {
        "unfree" => RefusalReason.Unfree,
        "insecure" => RefusalReason.Insecure,
        "broken" => RefusalReason.Broken,
        "unsupported" => RefusalReason.UnsupportedPlatform,
        _ => null,
    };

    // The sentences of nixpkgs' pkgs/stdenv/generic/check-meta.nix.
    private static RefusalReason ReasonIn(string sentence) => Contains(sentence, "an unfree license") ? RefusalReason.Unfree
        : Contains(sentence, "is marked as insecure") ? RefusalReason.Insecure
        : Contains(sentence, "is marked as broken") ? RefusalReason.Broken
        : Contains(sentence, "is not available on the requested hostPlatform") ? RefusalReason.UnsupportedPlatform
        : RefusalReason.EvaluationFailed;

    private static bool Contains(string sentence, string part) => sentence.Contains(part, StringComparison.Ordinal);

    [GeneratedRegex("[Pp]ackage [‘'](.+?)[’']")]
    private static partial Regex RefusedPackage();

    [GeneratedRegex(@"license \([‘'](.+?)[’']\)")]
    private static partial Regex InnerLicence();
}
