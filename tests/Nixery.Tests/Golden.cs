namespace Nixery.Tests;

/// <summary>Expected texts in <c>tests/golden/</c>; <c>UPDATE_GOLDEN=1</c> rewrites them, to be reviewed as a diff.</summary>
internal static class Golden
{
    public static void Check(string name, string actual)
    {
        var path = Path.Combine(Checkout(), "tests", "golden", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        actual.Should().Be(File.ReadAllText(path), "tests/golden/{0} says so", name);
    }

    private static string Checkout()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Nixery.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside of a checkout");
        }

        return folder;
    }
}
