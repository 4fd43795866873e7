using System.Reflection;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>The files that are committed, besides the code: the Dockerfile, deploy/, docs/.</summary>
internal static class Checkout
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(
        typeof(Checkout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == "TestsFolder").Value!, ".."));

    /// <summary>Where the scripts of tests/container keep what takes long to make.</summary>
    public static string Kept { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "nixery", "stand-in-bases");

    public static string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Copies what git knows, as it is now, to where nothing has been built yet.</summary>
    public static async Task CopyToAsync(string folder) => (await Programs.RunAsync(
        "sh", "-c", "cd \"$1\" && git -c safe.directory=\"$1\" ls-files -z | tar --create --null --files-from=- | tar --extract --directory=\"$2\"", "sh", Root, folder)).Succeeded();

    public static string Read(string name) => File.ReadAllText(PathOf(name));
}
