using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Nixery.Server.Configuring;

namespace Nixery.Server.Tests;

/// <summary>docs/configuration.md and the settings that there are.</summary>
public sealed partial class SettingDocsTests
{
    [Fact]
    public void The_docs_list_every_setting()
    {
        var docs = File.ReadAllText(Path.Combine(Repository(), "docs", "configuration.md"));
        var documented = Name().Matches(docs).Select(m => m.Groups[1].Value);

        // A further set has the settings of the default one; what it does not say otherwise it has from there.
        documented.Should().BeEquivalentTo(SettingNames.All.Where(n => !n.StartsWith("Nixery:Sets:NAME:", StringComparison.Ordinal)));
        docs.Should().Contain("`Nixery:Sets:NAME:…`");
    }

    [Fact]
    public void The_docs_give_an_example_of_each_setting_and_the_names_that_Nixery_has()
    {
        var docs = File.ReadAllLines(Path.Combine(Repository(), "docs", "configuration.md"));
        var rows = docs.Where(l => l.StartsWith("| `Nixery:", StringComparison.Ordinal))
            .Select(l => l.Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();

        rows.Should().OnlyContain(r => r.Length == 5 && r[3].Length > 0 && r[4].Length > 0);
        foreach (var row in rows)
        {
            var variable = HistoricSettings.VariableOf(row[0].Trim('`'));
            row[1].Split(' ')[0].Trim('`').Should().Be(variable ?? "", row[0]);
        }
    }

    [Fact]
    public void A_value_of_the_wrong_kind_is_answered_with_what_would_be_right_and_never_with_a_name_of_our_code()
    {
        var problems = SettingNames.All.Select(n => n.Replace(":NAME:", ":x:", StringComparison.Ordinal)).SelectMany(ProblemsWith).ToList();

        problems.Should().HaveCountGreaterThan(50, "or else this tests nothing").And.NotContain(p => p.Contains("of the kind", StringComparison.Ordinal));
        problems.Should().Contain("Nixery:Storage:Kind (NIXERY_STORAGE_BACKEND) is 'no such value'; it is one of filesystem, s3, gcs, memory");
    }

    private static IEnumerable<string> ProblemsWith(string setting)
    {
        try
        {
            _ = SettingsTests.Read([new(setting, "no such value")]);
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures;
        }
    }

    private static string Repository() => Path.GetFullPath(Path.Combine(
        typeof(SettingDocsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "TestsFolder").Value!, ".."));

    [GeneratedRegex(@"^\| `(Nixery:[A-Za-z0-9:]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Name();
}
