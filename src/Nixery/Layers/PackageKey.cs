using System.Text.RegularExpressions;

namespace Nixery.Layers;

/// <summary>
/// The name of a package without its version, so that a store path keeps its place from one revision of the package set
/// to the next: <c>openssl-3.0.13-bin</c> → <c>openssl-bin</c>. Exact rule: docs/layering.md.
/// </summary>
internal static partial class PackageKey
{
    /// <param name="name">A store path's name, without directory and hash.</param>
    public static string Of(string name)
    {
        var version = VersionStart().Match(name);
        if (!version.Success)
        {
            return name;
        }

        var output = OutputSuffix().Match(name, version.Index);
        return name[..version.Index] + output.Value;
    }

    [GeneratedRegex("-[0-9]")]
    private static partial Regex VersionStart();

    [GeneratedRegex(@"-(bin|dev|lib|man|doc|info|debug|static|out|data|dist|terminfo)\z")]
    private static partial Regex OutputSuffix();
}
