namespace Nixery.Tests.Building;

/// <summary>Files of the repository that the tests read.</summary>
internal static class Checkout
{
    private static readonly string Root = Find(AppContext.BaseDirectory);

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Nixery.sln"))
        ? folder
        : Find(Path.GetDirectoryName(folder.TrimEnd('/')) ?? throw new InvalidOperationException("the tests run outside a checkout"));
}
