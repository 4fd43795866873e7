using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Nixery.Server.Configuring;
using Nixery.Server.Staying;

namespace Nixery.Server.Tests;

/// <summary>What deploy/, the Dockerfile and the pages about running it name as settings are settings.</summary>
public sealed partial class DeployedSettingsTests
{
    /// <summary>Variables of the platform that are none of ours.</summary>
    private static readonly string[] OfOthers =
    [
        "ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "DOTNET_EnableDiagnostics", "HOME", "NIX_REMOTE", "SECRET_KEY", "TMPDIR", "USER", "XDG_DATA_HOME",
    ];

    private static readonly string Root = Path.GetFullPath(Path.Combine(
        typeof(DeployedSettingsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(m => m.Key == "TestsFolder").Value!, ".."));

    public static TheoryData<string> Files =>
    [
        "Dockerfile", "docs/run.md", "docs/security.md", "docs/troubleshooting.md", "docs/moving-from-nixery.md",
        .. Directory.EnumerateFiles(Path.Combine(Root, "deploy"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_setting_that_is_named_exists(string file)
    {
        var text = File.ReadAllText(Path.Combine(Root, file));
        var named = FullName().Matches(text).Select(m => m.Value.Replace("__", ":", StringComparison.Ordinal)).Distinct().ToList();

        // The name of a room alone, as Nixery:Drain, names all that is in it.
        named.Where(name => !SettingNames.All.Any(s => s.StartsWith($"{name}:", StringComparison.Ordinal)) && Unknown(name)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("deploy/compose/compose.yaml")]
    [InlineData("deploy/kubernetes/one/kustomization.yaml")]
    [InlineData("deploy/kubernetes/bucket/kustomization.yaml")]
    [InlineData("deploy/kubernetes/base/deployment.yaml")]
    [InlineData("deploy/systemd/nixery.service")]
    [InlineData("deploy/systemd/nixery.service.d/secrets.conf")]
    [InlineData("Dockerfile")]
    public void A_variable_that_is_set_is_read_by_somebody(string file)
    {
        var text = File.ReadAllText(Path.Combine(Root, file));
        var set = SetVariable().Matches(text).Select(m => m.Groups["name"].Value).Where(n => !n.StartsWith("Nixery__", StringComparison.Ordinal)).ToList();

        set.Should().NotBeEmpty();
        set.Except([.. OfOthers, SettingsFile.Variable]).Where(variable => !HistoricSettings.Read(v => v == variable ? "1" : null).Any()).Should().BeEmpty();
    }

    [Fact]
    public void Each_variable_of_the_original_has_its_line_for_who_moves()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs/moving-from-nixery.md"));
        var variables = SettingNames.All.Select(HistoricSettings.VariableOf).OfType<string>().ToList();

        variables.Should().NotBeEmpty();
        variables.Where(variable => !page.Contains($"`{variable}`", StringComparison.Ordinal)).Should().BeEmpty();
    }

    /// <summary>Who kills it sooner takes away images that people wait for.</summary>
    [Theory]
    [InlineData("deploy/systemd/nixery.service", "TimeoutStopSec=")]
    [InlineData("deploy/compose/compose.yaml", "stop_grace_period: ")]
    [InlineData("deploy/kubernetes/base/deployment.yaml", "terminationGracePeriodSeconds: ")]
    public void Who_supervises_it_waits_for_its_end(string file, string setting)
    {
        var text = File.ReadAllText(Path.Combine(Root, file));
        var drain = new ConfigurationBuilder().AddInMemoryCollection(
            DrainSetting().Matches(text).Select(m => KeyValuePair.Create(m.Groups["name"].Value, (string?)m.Groups["value"].Value))).Build().Get<DrainOptions>() ?? new DrainOptions();
        var (number, unit) = Regex.Match(text, $"^ *{setting}([0-9]+)(m?)$", RegexOptions.Multiline) is { Success: true } match
            ? (int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), match.Groups[2].Value)
            : throw new InvalidOperationException($"{file} has no {setting}");

        var waits = unit == "m" ? TimeSpan.FromMinutes(number) : TimeSpan.FromSeconds(number);

        waits.Should().BeGreaterThanOrEqualTo(drain.Longest() + TimeSpan.FromSeconds(10));
        File.ReadAllText(Path.Combine(Root, "docs/operations.md")).Should().Contain($"{setting}{number}{unit}");
    }

    private static bool Unknown(string name) => SettingNames.FindUnknown(
        new ConfigurationBuilder().AddInMemoryCollection([new(name, "1")]).Build().GetSection("Nixery")).Any();

    /// <summary>As Kubernetes has it, on two lines.</summary>
    [GeneratedRegex("""name: Nixery__Drain__(?<name>[A-Za-z]+)\s+value: "(?<value>[^"]+)""")]
    private static partial Regex DrainSetting();

    [GeneratedRegex("""\bNixery(?::|__)[A-Z][A-Za-z]*(?:(?::|__)[A-Za-z0-9_]*[A-Za-z0-9])*""")]
    private static partial Regex FullName();

    /// <summary>As <c>NAME: value</c> of an environment, <c>- NAME=value</c> of a config map, <c>name: NAME</c>, or behind <c>ENV</c> and <c>Environment=</c>.</summary>
    [GeneratedRegex(@"^ +(?<name>[A-Z][A-Z0-9_]+): |^ +- (?<name>[A-Z][A-Z0-9_]+)=|- name: (?<name>[A-Z][A-Z0-9_]+)$|(?<=^(?:ENV|Environment=).*)\b(?<name>[A-Za-z_]+)=(?=\S)", RegexOptions.Multiline)]
    private static partial Regex SetVariable();
}
