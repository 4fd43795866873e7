namespace Nixery.Pulls;

/// <summary>Which packages may be in images. Patterns have <c>*</c> for anything, and do not tell capitals from small letters.</summary>
public sealed record PolicyOptions
{
    /// <summary>Where there are any, packages that none of them means are refused.</summary>
    public IReadOnlyList<string> AllowPackages { get; init; } = [];

    /// <summary>Wins over <see cref="AllowPackages"/>.</summary>
    public IReadOnlyList<string> DenyPackages { get; init; } = [];

    /// <summary>SPDX identifiers, or short names of the package set. Where there are any, a package needs a licence, and each of them allowed.</summary>
    public IReadOnlyList<string> AllowLicences { get; init; } = [];

    /// <summary>Wins over <see cref="AllowLicences"/>.</summary>
    public IReadOnlyList<string> DenyLicences { get; init; } = [];
}
