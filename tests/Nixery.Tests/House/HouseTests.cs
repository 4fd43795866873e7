using System.Reflection;
using System.Text.RegularExpressions;

namespace Nixery.Tests.House;

/// <summary>The rules of docs/architecture.md.</summary>
public sealed partial class HouseTests
{
    private static readonly string[] Pure = ["Images", "Oci", "Closures", "Layers", "Rootfs"];

    /// <summary>Which rooms each room may name. Pure rooms may name one another as far as it says here, effectful ones all pure ones.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Images"] = [],
        ["Closures"] = [],
        ["Oci"] = ["Images"],
        ["Layers"] = ["Closures"],
        ["Rootfs"] = ["Closures"],
        ["Sight"] = [],
        ["Sources"] = [.. Pure, "Building.Nix", "Storage", "Sight"],
        ["Building"] = [.. Pure, "Sources", "Sight"],
        ["Packing"] = [.. Pure, "Building", "Storage", "Sight"],
        ["Storage"] = [.. Pure],
        ["Tables"] = [.. Pure, "Storage"],
        ["Pulls"] = [.. Pure, "Sources", "Building", "Packing", "Storage", "Tables", "Sight"],
    };

    /// <summary>Projects that know a cloud, which the house does not.</summary>
    private static readonly string[] Warehouses = ["Nixery.Storage.S3", "Nixery.Storage.Gcs"];

    private static readonly Assembly House = typeof(NixeryServices).Assembly;

    public static TheoryData<string> Rooms() => [.. Arrows.Keys];

    [Fact]
    public void Each_folder_of_the_house_is_a_room_with_its_arrows() =>
        Directory.EnumerateDirectories(Path.Combine(TestFiles.Repository, "src", "Nixery")).Select(d => Path.GetFileName(d)!)
            .Where(d => d is not ("bin" or "obj")).Should().BeEquivalentTo(Arrows.Keys);

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_names_only_the_rooms_that_it_may(string room)
    {
        foreach (var (file, text) in Sources(room))
        {
            var named = RoomName().Matches(text).Select(m => m.Groups[1].Value).Where(n => n.Split('.')[0] != room).Distinct();
            named.Should().BeSubsetOf(Arrows[room], $"that is what {file} may name");
        }
    }

    [Fact]
    public void A_warehouse_names_the_storage_and_digests_alone()
    {
        foreach (var (file, text) in Warehouses.SelectMany(In))
        {
            RoomName().Matches(text).Select(m => m.Groups[1].Value).Distinct().Should().BeSubsetOf(["Storage", "Oci"], $"that is what {file} may name");
        }
    }

    [Fact]
    public void No_cloud_is_named_in_the_house()
    {
        foreach (var (file, text) in Arrows.Keys.SelectMany(Sources))
        {
            Cloud().Matches(text).Select(m => m.Value).Should().BeEmpty($"{file} is of the house");
        }
    }

    [Fact]
    public void A_pure_room_touches_nothing_outside()
    {
        foreach (var (file, text) in Pure.SelectMany(Sources))
        {
            Effect().Matches(text).Select(m => m.Value).Should().BeEmpty($"{file} is pure");
        }
    }

    [Fact]
    public void Every_class_is_sealed_or_made_to_be_derived_from() =>
        House.GetTypes().Where(t => t.IsClass && !t.IsSealed && !t.IsAbstract && !t.Name.Contains('<', StringComparison.Ordinal))
            .Should().BeEmpty();

    [Fact]
    public void A_file_is_named_after_a_type_in_it_and_its_folder_after_the_namespace()
    {
        foreach (var (file, text) in Arrows.Keys.SelectMany(Sources))
        {
            var relative = Path.GetRelativePath(Path.Combine(TestFiles.Repository, "src"), file);
            text.Should().Contain($"namespace {Path.GetDirectoryName(relative)!.Replace('/', '.')};", $"that is the folder of {relative}");
            var name = Path.GetFileNameWithoutExtension(file);
            text.Should().MatchRegex($@"\b(class|record|interface|enum|struct) {name}\b|\bdelegate .* {name}\(", relative);
        }
    }

    [Fact]
    public void The_wrong_words_are_in_no_name() =>
        House.GetTypes().Where(t => WrongEnding().IsMatch(t.Name)).Should().BeEmpty();

    [Fact]
    public void Nothing_waits_by_blocking_or_catches_all()
    {
        foreach (var (file, text) in Arrows.Keys.SelectMany(Sources).Concat(In("Nixery.Server")).Concat(Warehouses.SelectMany(In)))
        {
            Wrong().Matches(text).Select(m => m.Value).Should().BeEmpty(file);
        }
    }

    [Fact]
    public void No_two_events_in_the_log_have_the_same_number()
    {
        var numbers = Directory.EnumerateDirectories(Path.Combine(TestFiles.Repository, "src")).SelectMany(In)
            .SelectMany(f => EventNumber().Matches(f.Text).Select(m => m.Groups[1].Value)).ToList();
        numbers.Should().HaveCountGreaterThan(30).And.OnlyHaveUniqueItems();
    }

    private static IEnumerable<(string File, string Text)> Sources(string room) => In(Path.Combine("Nixery", room));

    private static IEnumerable<(string File, string Text)> In(string folder) =>
        Directory.EnumerateFiles(Path.Combine(TestFiles.Repository, "src", folder), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal))
            .Select(f => (f, File.ReadAllText(f)));

    [GeneratedRegex(@"\bNixery\.((?:Images|Oci|Closures|Layers|Rootfs|Sources|Building(?:\.Nix)?|Packing|Storage|Tables|Pulls|Sight))\b")]
    private static partial Regex RoomName();

    [GeneratedRegex(@"\bFile(?:Stream|Info)\b|\bFile\.[A-Z]|\bSystem\.IO\.Directory|\bProcess\b|HttpClient|ILogger|TimeProvider|Stopwatch|System\.Environment|GetEnvironmentVariable|\bRandom\b|Guid\.New")]
    private static partial Regex Effect();

    [GeneratedRegex(@"LoggerMessage\((\d+)")]
    private static partial Regex EventNumber();

    [GeneratedRegex(@"using (?:Amazon|Google)\b|\bNixery\.Storage\.(?:S3|Gcs)\b|System\.Net\.Http\.Headers")]
    private static partial Regex Cloud();

    [GeneratedRegex("(Manager|Helper|Util|Utils|Service|Processor|Info|Data|Impl)$")]
    private static partial Regex WrongEnding();

    [GeneratedRegex(@"GetAwaiter\(\)\.GetResult|\.Wait\(\)|catch\s*(\(Exception[^)]*\))?\s*\{|async void|Console\.|throw new NotImplementedException")]
    private static partial Regex Wrong();
}
