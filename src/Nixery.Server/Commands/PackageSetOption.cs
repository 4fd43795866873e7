using System.CommandLine;

namespace Nixery.Server.Commands;

/// <summary><c>--package-set</c>, of the verbs that read a package set.</summary>
internal static class PackageSetOption
{
    public static Option<string> Create() => new("--package-set")
    {
        Description = "A declared package set (Nixery:Sets:NAME); the default one without it.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "",
    };
}
