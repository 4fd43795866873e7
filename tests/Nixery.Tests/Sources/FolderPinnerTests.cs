using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Tests.Sources;

public sealed class FolderPinnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_same_content_has_the_same_pin_wherever_it_lies()
    {
        using var other = new TemporaryFolder();
        foreach (var folder in new[] { _folder, other })
        {
            folder.File("default.nix", "{ }");
            folder.File("a/b.nix", "1");
        }

        Directory.CreateDirectory(Path.Combine(other.Path, ".git"));
        other.File(".git/index", "changes at each look");

        (await PinAsync(_folder)).Revision.Should().Be((await PinAsync(other)).Revision).And.MatchRegex("^[0-9a-f]{64}$");
    }

    [Theory]
    [InlineData("default.nix", "{ x = 1; }")]
    [InlineData("a/b.nix", "2")]
    [InlineData("a/c.nix", "1")]
    public async Task An_edit_gives_another_pin_within_a_second(string file, string content)
    {
        _folder.File("default.nix", "{ }");
        _folder.File("a/b.nix", "1");
        using var pinner = new FolderPinner(_folder.Path, _time);
        var before = await PinAsync(pinner);

        var edited = _folder.File(file, content);
        File.SetLastWriteTimeUtc(edited, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _time.Advance(TimeSpan.FromSeconds(1));

        (await PinAsync(pinner)).Key.Should().NotBe(before.Key);
    }

    [Fact]
    public async Task A_link_that_is_pointed_elsewhere_gives_another_pin_though_names_sizes_and_times_are_the_same()
    {
        using var other = new TemporaryFolder();
        foreach (var (folder, content) in new[] { (_folder, "1"), (other, "2") })
        {
            File.SetLastWriteTimeUtc(folder.File("set/default.nix", content), DateTime.UnixEpoch);
        }

        var link = Path.Combine(_folder.Path, "current");
        File.CreateSymbolicLink(link, Path.Combine(_folder.Path, "set"));
        using var pinner = new FolderPinner(link, _time);
        var before = await PinAsync(pinner);
        File.Delete(link);
        File.CreateSymbolicLink(link, Path.Combine(other.Path, "set"));
        _time.Advance(TimeSpan.FromSeconds(1));

        (await PinAsync(pinner)).Key.Should().NotBe(before.Key);
    }

    [Fact]
    public async Task An_edit_is_seen_though_size_and_time_are_as_before()
    {
        var file = _folder.File("default.nix", "1");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        using var pinner = new FolderPinner(_folder.Path, _time);
        var before = await PinAsync(pinner);

        _folder.File("default.nix", "2");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        _time.Advance(TimeSpan.FromSeconds(1));

        (await PinAsync(pinner)).Key.Should().NotBe(before.Key);
    }

    [Fact]
    public async Task Before_a_build_the_folder_is_looked_at_anew()
    {
        _folder.File("default.nix", "1");
        using var pinner = new FolderPinner(_folder.Path, _time);
        var before = await PinAsync(pinner);
        _folder.File("default.nix", "2");

        (await PinAsync(pinner)).Key.Should().Be(before.Key);
        var anew = (PinOutcome.Pinned)await pinner.PinAnewAsync(Tag.Latest, CancellationToken.None);
        anew.Source.Key.Should().NotBe(before.Key);
        new SourceCheck().Holds(anew.Source).Should().BeTrue();
        new SourceCheck().Holds(before).Should().BeFalse();
    }

    [Fact(Timeout = 30_000)]
    public async Task A_pipe_in_the_folder_is_no_part_of_it()
    {
        _folder.File("default.nix", "1");
        var before = await PinAsync(_folder);
        await Packing.Tool.RunAsync("mkfifo", Path.Combine(_folder.Path, "pipe"));

        (await PinAsync(_folder)).Key.Should().Be(before.Key);
    }

    [Fact]
    public async Task A_removed_file_gives_another_pin()
    {
        _folder.File("default.nix", "{ }");
        var removed = _folder.File("b.nix", "1");
        using var pinner = new FolderPinner(_folder.Path, _time);
        var before = await PinAsync(pinner);

        File.Delete(removed);
        _time.Advance(TimeSpan.FromSeconds(1));

        (await PinAsync(pinner)).Key.Should().NotBe(before.Key);
    }

    [Fact]
    public async Task A_folder_without_a_package_set_is_unavailable_and_its_path_is_not_told()
    {
        using var pinner = new FolderPinner(_folder.Path, _time);

        var outcome = await pinner.PinAsync(Tag.Latest, CancellationToken.None);

        outcome.Should().BeOfType<PinOutcome.Unavailable>().Which.Explanation.Should().Contain("default.nix").And.NotContain(_folder.Path);
    }

    [Fact]
    public async Task Another_tag_than_latest_is_unknown()
    {
        _folder.File("default.nix", "{ }");
        using var pinner = new FolderPinner(_folder.Path, _time);

        (await pinner.PinAsync(Tag.Parse("v1"), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();
    }

    [Fact]
    public async Task The_fingerprint_is_a_tag_of_its_content_and_of_the_past_when_that_has_changed()
    {
        var edited = _folder.File("default.nix", "{ }");
        using var pinner = new FolderPinner(_folder.Path, _time);
        var before = await PinAsync(pinner);
        var tag = Tag.Parse(before.Revision);
        (await pinner.PinAsync(tag, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Should().Be(before);
        pinner.Status().Should().ContainSingle().Which.Revision.Should().Be(before.Revision);

        await File.WriteAllTextAsync(edited, "{ x = 1; }");
        _time.Advance(TimeSpan.FromSeconds(1));

        var past = (await pinner.PinAsync(tag, CancellationToken.None)).Should().BeOfType<PinOutcome.Past>().Subject;
        past.Source.Key.Should().Be(before.Key);
        past.Explanation.Should().Contain("has changed");
    }

    private async Task<PinnedSource> PinAsync(TemporaryFolder folder)
    {
        using var pinner = new FolderPinner(folder.Path, _time);
        return await PinAsync(pinner);
    }

    private static async Task<PinnedSource> PinAsync(FolderPinner pinner) =>
        (await pinner.PinAsync(Tag.Latest, CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>().Which.Source;
}
