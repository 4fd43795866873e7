using Nixery.Images;
using Nixery.Sources;

namespace Nixery.Tests.Sources;

public sealed class TagListTests
{
    private static readonly SourceOptions Options = new() { PinFor = TimeSpan.FromMinutes(5), UnknownFor = TimeSpan.FromSeconds(30) };
    private readonly ManualTime _time = new();

    [Fact]
    public async Task What_a_source_says_is_believed_as_long_as_a_pin_and_stays_while_it_cannot_be_asked()
    {
        var source = new FixedTags { Tags = [Tag.Parse("v1")] };
        using var list = new TagList(source, Options, _time);

        (await ReadAsync(list)).Should().Equal("v1");
        source.Tags = [Tag.Parse("v2")];
        _time.Advance(TimeSpan.FromMinutes(4));
        (await ReadAsync(list)).Should().Equal("v1");
        _time.Advance(TimeSpan.FromMinutes(1));
        (await ReadAsync(list)).Should().Equal("v2");
        source.Tags = null;
        _time.Advance(TimeSpan.FromMinutes(5));
        (await ReadAsync(list)).Should().Equal("v2");
        (await ReadAsync(list)).Should().Equal("v2");
        source.Asked.Should().Be(3, "a source that cannot be asked is not asked at each list");
        source.Tags = [Tag.Parse("v3")];
        _time.Advance(TimeSpan.FromSeconds(30));
        (await ReadAsync(list)).Should().Equal("v3");
    }

    [Fact]
    public async Task A_source_that_never_answered_and_one_without_names_have_no_tags()
    {
        using var silent = new TagList(new FixedTags(), Options, _time);
        using var nameless = new TagList(null, Options, _time);

        (await ReadAsync(silent)).Should().BeEmpty();
        (await ReadAsync(nameless)).Should().BeEmpty();
    }

    private static async Task<IEnumerable<string>> ReadAsync(TagList list) => (await list.ReadAsync(CancellationToken.None)).Select(t => t.Text);

    private sealed class FixedTags : ITagSource
    {
        public IReadOnlyList<Tag>? Tags { get; set; }

        public int Asked { get; private set; }

        public Task<IReadOnlyList<Tag>?> FindTagsAsync(CancellationToken cancellationToken)
        {
            Asked++;
            return Task.FromResult(Tags);
        }
    }
}
