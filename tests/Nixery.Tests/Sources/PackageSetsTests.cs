using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Tests.Sources;

public sealed class PackageSetsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("shell/git", "", "shell/git")]
    [InlineData("team/shell/git", "team", "shell/git")]
    [InlineData("shell/team", "", "shell/team")]
    [InlineData("team/team", "team", "team")]
    [InlineData("teams/git", "", "teams/git")]
    public void The_first_component_chooses_the_set(string name, string set, string packages)
    {
        using var sets = Sets();

        sets.TrySelect(ImageName.Parse(name), out var chosen, out var rest, out _).Should().BeTrue();

        chosen!.Name.Should().Be(set);
        rest!.Should().Be(ImageName.Parse(packages));
    }

    [Fact]
    public void The_name_of_a_set_alone_names_no_package()
    {
        using var sets = Sets();

        sets.TrySelect(ImageName.Parse("team"), out _, out _, out var problem).Should().BeFalse();

        problem.Should().Contain("team");
    }

    [Fact]
    public void The_status_has_the_default_set_first_and_then_the_others_by_name()
    {
        using var sets = Sets();

        sets.Read().Select(s => s.Name).Should().Equal(null, "other", "team");
    }

    [Fact]
    public async Task The_same_content_in_two_sets_and_under_other_arguments_has_other_keys()
    {
        var overlay = _folder.File("overlay.nix", "self: super: { }");
        var overlays = Directory.CreateDirectory(Path.Combine(_folder.Path, "overlays")).FullName;
        _folder.File("overlays/default.nix", "self: super: { }");
        SourceOptions[] arguments =
        [
            new(),
            new() { Config = new() { AllowUnfree = true } },
            new() { Config = new() { AllowUnfreePackages = ["a", "b"] } },
            new() { Config = new() { AllowUnfreePackages = ["ab"] } },
            new() { Config = new() { PermittedInsecurePackages = ["a", "b"] } },
            new() { Overlays = [overlay] },
            new() { Overlays = [overlay, overlay] },
            new() { Overlays = [overlays] },
        ];
        var keys = new List<string>();
        foreach (var options in arguments)
        {
            keys.Add((await SourceAsync("", options)).Key);
            keys.Add((await SourceAsync("team", options)).Key);
        }

        keys.Should().OnlyHaveUniqueItems();
        (await SourceAsync("", new SourceOptions { Config = new() { AllowUnfreePackages = ["b", "a", "b"] } })).Key.Should().Be(keys[4]);
    }

    [Theory]
    [InlineData("overlays")]
    [InlineData("overlays/default.nix")]
    public async Task An_edit_of_an_overlay_is_another_pin_within_a_second(string overlay)
    {
        var edited = _folder.File("overlays/default.nix", "self: super: { }");
        using var pinner = Configured("", new SourceOptions { Overlays = [Path.Combine(_folder.Path, overlay)] });
        var before = await pinner.PinAsync(Tag.Latest, CancellationToken.None);

        await File.WriteAllTextAsync(edited, "self: super: { x = 1; }");
        _time.Advance(TimeSpan.FromSeconds(1));
        var after = await pinner.PinAsync(Tag.Latest, CancellationToken.None);

        SourceOf(after).Key.Should().NotBe(SourceOf(before).Key);
        SourceOf(after).Revision.Should().Be(SourceOf(before).Revision);
    }

    [Fact]
    public async Task An_overlay_that_is_gone_is_unavailable_and_the_setting_is_named()
    {
        using var pinner = Configured("team", new SourceOptions { Overlays = [Path.Combine(_folder.Path, "none.nix")] });

        (await pinner.PinAsync(Tag.Latest, CancellationToken.None)).Should().BeOfType<PinOutcome.Unavailable>()
            .Which.Explanation.Should().Contain("Nixery:Sets:team:Overlays").And.NotContain(_folder.Path);
    }

    private static PinnedSource SourceOf(PinOutcome outcome) => outcome.Should().BeOfType<PinOutcome.Pinned>().Which.Source;

    private async Task<PinnedSource> SourceAsync(string set, SourceOptions options)
    {
        using var pinner = Configured(set, options);
        return SourceOf(await pinner.PinAsync(Tag.Latest, CancellationToken.None));
    }

    [Fact]
    public async Task What_the_environment_allows_is_part_of_the_key()
    {
        using var strict = new ConfiguredPinner(new Still(), "", NixpkgsPolicy.Read(_ => null), new SourceOptions(), _time);
        using var lax = new ConfiguredPinner(new Still(), "", NixpkgsPolicy.Read(name => name == "NIXPKGS_ALLOW_UNFREE" ? "1" : null), new SourceOptions(), _time);

        SourceOf(await lax.PinAsync(Tag.Latest, CancellationToken.None)).Key
            .Should().NotBe(SourceOf(await strict.PinAsync(Tag.Latest, CancellationToken.None)).Key);
    }

    private ConfiguredPinner Configured(string set, SourceOptions options) => new(new Still(), set, policy: "", options, _time);

    private PackageSets Sets() => new(Set(""), [Set("team"), Set("other")]);

    private PackageSet Set(string name) => new(name, "folder", Configured(name, new SourceOptions()), null, new TagList(null, new SourceOptions(), _time), () => []);

    private sealed class Still : ISourcePinner
    {
        public Task<PinOutcome> PinAsync(Tag tag, CancellationToken cancellationToken) =>
            Task.FromResult<PinOutcome>(new PinOutcome.Pinned(new PinnedSource.Folder("/srv/packages", new string('0', 64))));
    }
}
