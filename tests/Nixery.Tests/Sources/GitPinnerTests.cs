using Nixery.Building.Nix;
using Nixery.Images;
using Nixery.Sources;
using Nixery.Tests.Building;

namespace Nixery.Tests.Sources;

public sealed class GitPinnerTests : IAsyncLifetime, IDisposable
{
    private const int Limit = 120_000;
    private readonly TemporaryFolder _state = new();
    private readonly ManualTime _time = new();
    private readonly LineLog _log = new();
    private readonly List<GitPinner> _pinners = [];
    private GitRepository _repository = null!;
    private string _first = "";
    private string _head = "";

    public async Task InitializeAsync()
    {
        _repository = await GitRepository.CreateAsync();
        _first = await _repository.CommitAsync();
        _head = await _repository.CommitAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _pinners.ForEach(p => p.Dispose());
        _repository.Dispose();
        _state.Dispose();
    }

    [Fact(Timeout = Limit)]
    public async Task Latest_is_the_remotes_HEAD_whatever_its_branch_is_called()
    {
        await _repository.BranchAsync("other");

        (await RevisionAsync("latest")).Should().Be(_head);
    }

    [Fact(Timeout = Limit)]
    public async Task Tags_annotated_tags_and_branches_are_their_commits()
    {
        await _repository.GitAsync("tag", "light", _first);
        await _repository.GitAsync("tag", "--annotate", "--message", "m", "heavy", _first);
        var branch = await _repository.BranchAsync("work");

        (await RevisionAsync("light")).Should().Be(_first);
        (await RevisionAsync("heavy")).Should().Be(_first);
        (await RevisionAsync("work")).Should().Be(branch);
    }

    [Fact(Timeout = Limit)]
    public async Task Slashes_are_written_with_two_dashes_and_a_name_that_has_them_comes_first()
    {
        var slash = await _repository.BranchAsync("feature/x");
        (await RevisionAsync("feature--x")).Should().Be(slash);

        var dashes = await _repository.BranchAsync("feature--x");
        _time.Advance(TimeSpan.FromMinutes(1));
        (await RevisionAsync("feature--x")).Should().Be(dashes);

        var deep = await _repository.BranchAsync("a/b/c");
        _time.Advance(TimeSpan.FromMinutes(1));
        (await RevisionAsync("a--b--c")).Should().Be(deep);
    }

    [Fact(Timeout = Limit)]
    public async Task A_tag_comes_before_a_branch_of_the_same_name()
    {
        await _repository.BranchAsync("both");
        await _repository.GitAsync("tag", "both", _first);

        (await RevisionAsync("both")).Should().Be(_first);
    }

    [Fact(Timeout = Limit)]
    public async Task Commits_are_found_whole_and_short_at_a_reference_and_in_the_history()
    {
        (await RevisionAsync(_head)).Should().Be(_head);
        (await RevisionAsync(_head[..7])).Should().Be(_head);
        (await RevisionAsync(_first)).Should().Be(_first);
        (await RevisionAsync(_first[..7])).Should().Be(_first);
        (await RevisionAsync(_first[..12])).Should().Be(_first);
    }

    [Fact(Timeout = Limit)]
    public async Task A_commit_of_the_history_needs_no_remote_any_more()
    {
        await RevisionAsync(_first);
        _repository.Hide();

        (await RevisionAsync(_first)).Should().Be(_first);
    }

    [Fact(Timeout = Limit)]
    public async Task A_commit_that_the_repository_does_not_have_is_unknown()
    {
        var whole = await PinAsync(new string('a', 40));
        var part = await PinAsync("aaaaaaa");
        var longer = await PinAsync(_first + "00");

        whole.Should().BeOfType<PinOutcome.UnknownTag>();
        part.Should().BeOfType<PinOutcome.UnknownTag>();
        longer.Should().BeOfType<PinOutcome.UnknownTag>();
    }

    [Theory(Timeout = Limit)]
    [InlineData("false")]
    [InlineData("true")]
    public async Task A_commit_that_no_branch_or_tag_leads_to_is_not_of_this_repository(string giving)
    {
        // GitHub's like give commits without files, and whatever is asked for by its hash.
        await _repository.GitAsync("config", "uploadpack.allowFilter", giving);
        await _repository.GitAsync("config", "uploadpack.allowAnySHA1InWant", giving);

        // As a fork on the same host: its objects are there, and no reference of ours has them.
        var branch = await _repository.BranchAsync("fork");
        await _repository.GitAsync("update-ref", "refs/pull/1/head", branch);
        await _repository.GitAsync("branch", "--quiet", "-D", "fork");

        (await PinAsync(branch)).Should().BeOfType<PinOutcome.UnknownTag>();
        (await PinAsync(branch[..9])).Should().BeOfType<PinOutcome.UnknownTag>();
        (await RevisionAsync(_first)).Should().Be(_first);
        (await PinAsync(branch)).Should().BeOfType<PinOutcome.UnknownTag>();
    }

    [Fact(Timeout = Limit)]
    public async Task The_object_of_an_annotated_tag_is_no_commit()
    {
        await _repository.GitAsync("tag", "--annotate", "--message", "m", "heavy", _first);
        var tag = await _repository.GitAsync("rev-parse", "refs/tags/heavy");

        (await PinAsync(tag)).Should().BeOfType<PinOutcome.UnknownTag>();
    }

    [Fact(Timeout = Limit)]
    public async Task Unknown_commits_do_not_make_it_fetch_again_within_the_time_of_a_pin()
    {
        var pinner = Pinner();
        await pinner.PinAsync(Tag.Parse("aaaaaaa"), CancellationToken.None);
        await _repository.CommitAsync();
        var between = await _repository.CommitAsync();
        await _repository.CommitAsync();
        _time.Advance(TimeSpan.FromMinutes(1));

        (await pinner.PinAsync(Tag.Parse(between), CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();

        _time.Advance(TimeSpan.FromMinutes(5));
        (await pinner.PinAsync(Tag.Parse(between), CancellationToken.None)).Should().BeOfType<PinOutcome.Pinned>();
    }

    [Fact(Timeout = Limit)]
    public async Task Two_servers_share_one_history()
    {
        // Who comes second looks again after a while, of the machine's own time.
        var pins = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Pinner(_repository.Address, TimeProvider.System).PinAsync(Tag.Parse(_first[..8]), CancellationToken.None)));

        pins.Should().AllSatisfy(p => p.Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision.Should().Be(_first));
        Directory.EnumerateDirectories(_state.Path).Should().ContainSingle();
    }

    [Fact(Timeout = Limit)]
    public async Task A_fetch_that_was_killed_does_not_harm_the_next()
    {
        await PinAsync("aaaaaaa");
        var history = Directory.EnumerateDirectories(_state.Path).Single();
        await File.WriteAllTextAsync(Path.Combine(history, "packed-refs.lock"), "");
        await File.WriteAllTextAsync(Path.Combine(history, "shallow.lock"), "");
        await _repository.CommitAsync();
        var between = await _repository.CommitAsync();
        await _repository.CommitAsync();

        (await RevisionAsync(between)).Should().Be(between);
    }

    [Fact(Timeout = Limit)]
    public async Task A_branch_that_became_a_folder_of_branches_is_fetched()
    {
        await _repository.BranchAsync("a");
        await PinAsync("aaaaaaa");
        await _repository.GitAsync("branch", "--quiet", "-D", "a");
        await _repository.GitAsync("checkout", "--quiet", "-b", "a/b");
        var between = await _repository.CommitAsync();
        await _repository.CommitAsync();

        (await RevisionAsync(between)).Should().Be(between);
    }

    [Theory(Timeout = Limit)]
    [InlineData("HEAD")]
    [InlineData("main..main")]
    [InlineData("FETCH_HEAD")]
    [InlineData("refs--heads--main")]
    [InlineData("__upload-pack")]
    [InlineData("0000000000000000000000000000000000000000")]
    [InlineData("main.lock")]
    public async Task Hostile_tags_are_unknown_and_nothing_else(string tag) =>
        (await PinAsync(tag)).Should().BeOfType<PinOutcome.UnknownTag>().Which.Explanation.Should().NotContain(_repository.Path);

    [Theory]
    [InlineData("--upload-pack=x")]
    [InlineData("a b")]
    [InlineData("../x")]
    [InlineData("main^{tree}")]
    [InlineData("main\n")]
    public void Most_of_what_is_hostile_is_no_tag(string text) => Tag.TryParse(text, out _).Should().BeFalse();

    [Fact(Timeout = Limit)]
    public async Task An_empty_repository_has_no_latest()
    {
        using var empty = await GitRepository.CreateAsync();

        (await Pinner(empty.Address).PinAsync(Tag.Latest, CancellationToken.None)).Should().BeOfType<PinOutcome.UnknownTag>();
    }

    [Fact(Timeout = Limit)]
    public async Task A_repository_that_is_gone_is_unavailable_and_neither_path_nor_password_is_told()
    {
        var gone = await Pinner("file:///nowhere/at-all").PinAsync(Tag.Latest, CancellationToken.None);
        var refused = await Pinner("http://someone:pass-word@127.0.0.1:1/set").PinAsync(Tag.Latest, CancellationToken.None);

        gone.Should().BeOfType<PinOutcome.Unavailable>().Which.Explanation.Should().NotContain("nowhere");
        refused.Should().BeOfType<PinOutcome.Unavailable>().Which.Explanation.Should().NotContain("pass-word");
        (await _log.LineWith("127.0.0.1")).Should().NotContain("pass-word");
        Pinner("http://someone:pass-word@127.0.0.1:1/set").Identity.Should().NotContain("pass-word");
    }

    private async Task<string> RevisionAsync(string tag) => (await PinAsync(tag)).Should().BeOfType<PinOutcome.Pinned>().Which.Source.Revision;

    private Task<PinOutcome> PinAsync(string tag) => Pinner().PinAsync(Tag.Parse(tag), CancellationToken.None);

    private GitPinner Pinner() => Pinner(_repository.Address);

    private GitPinner Pinner(string address) => Pinner(address, _time);

    private GitPinner Pinner(string address, TimeProvider time)
    {
        var pinner = new GitPinner(address, new SourceOptions { StatePath = _state.Path }, new NixProcess(time, _log), time);
        _pinners.Add(pinner);
        return pinner;
    }
}
