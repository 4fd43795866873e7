using System.Reflection;
using System.Text.RegularExpressions;

namespace Nixery.Server.Tests;

/// <summary>A page that is found by a message must have the messages that are shown.</summary>
public sealed partial class TroubleshootingTests
{
    private const int WorthLookingFor = 12;

    private static readonly string Root = Path.GetFullPath(Path.Combine(
        typeof(TroubleshootingTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == "TestsFolder").Value!, ".."));

    [Fact]
    public void What_the_page_has_this_registry_say_is_in_its_sources()
    {
        var sources = string.Concat(Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Append(Path.Combine(Root, "deploy/container/start")).Select(File.ReadAllText));
        var said = OurMessage().Matches(File.ReadAllText(Path.Combine(Root, "docs/troubleshooting.md"))).Select(m => m.Groups["message"].Value).ToList();

        said.Should().HaveCountGreaterThan(12);
        said.SelectMany(Fragments).Where(fragment => !sources.Contains(fragment, StringComparison.Ordinal)).Should().BeEmpty();
    }

    /// <summary>The parts between what differs from one time to another: names, numbers, and what the page leaves out.</summary>
    private static IEnumerable<string> Fragments(string message) =>
        Varying().Split(message).Select(f => f.Trim(' ', ',', '.')).Where(f => f.Length >= WorthLookingFor);

    /// <summary>In a first column, behind the word of the code, the status, or the program's own name.</summary>
    [GeneratedRegex("(?<=^\\| [^|\n]*)`(?:manifest unknown: |denied: (?:fails-1\\.0 )?|toomanyrequests: |503 |nixery: )(?<message>[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex OurMessage();

    [GeneratedRegex(@"'\w+'|[0-9.]+|…|[;:] ?|\bNix newer")]
    private static partial Regex Varying();
}
