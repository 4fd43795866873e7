using System.Reflection;

namespace Nixery.Tests;

/// <summary>Where the tests' own files are in the checkout.</summary>
internal static class TestFiles
{
    private static readonly string TestsFolder = typeof(TestFiles).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "TestsFolder").Value!;

    public static string Repository => Path.GetFullPath(Path.Combine(TestsFolder, ".."));

    public static string Golden(params string[] names) => Path.Combine([TestsFolder, "golden", .. names]);

    /// <summary>Compares with a golden text; with UPDATE_GOLDEN=1 writes it, to be reviewed as a diff.</summary>
    public static void ShouldBeGolden(string actual, params string[] names)
    {
        var path = Golden(names);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
        }

        actual.Should().Be(File.ReadAllText(path), "tests/golden holds what it was; UPDATE_GOLDEN=1 rewrites it");
    }
}
