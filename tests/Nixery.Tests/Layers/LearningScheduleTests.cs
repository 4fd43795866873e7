using Nixery.Closures;
using Nixery.Layers;

namespace Nixery.Tests.Layers;

public sealed class LearningScheduleTests
{
    private static readonly StorePath Library = StorePath.Parse($"/nix/store/{new string('1', 32)}-library-1.0");

    [Fact]
    public void After_the_last_size_more_images_make_no_new_table()
    {
        var schedule = new LearningSchedule([3, 5], 10);

        Enumerable.Range(0, 7).Select(seen => schedule.IsLast(schedule.StageOf(seen))).Should().Equal(false, false, false, false, false, true, true);
        LearningSchedule.Never.IsLast(0).Should().BeTrue();
    }

    [Fact]
    public void A_new_pin_has_a_table_made_at_once_and_an_old_one_at_30_100_and_300_images_and_never_in_between()
    {
        var schedule = LearningSchedule.Default;
        var made = new List<int>();
        int? stage = null;
        for (var seen = 0; seen <= schedule.MostImages; seen++)
        {
            if (schedule.IsDue(stage, seen))
            {
                made.Add(seen);
                stage = schedule.StageOf(seen);
            }
        }

        made.Should().Equal(0, 30, 100, 300);
    }

    [Fact]
    public void There_is_no_table_of_too_few_images_and_none_ever_where_nothing_is_learned()
    {
        var image = Image('a');
        new LearningSchedule([3], 10).TableOf([image, image], 0).Should().BeNull();
        new LearningSchedule([3], 10).TableOf([image, image, image], 0).Should().NotBeNull();
        LearningSchedule.Never.TableOf([.. Enumerable.Repeat(image, 500)], 0).Should().BeNull();
    }

    [Fact]
    public void What_always_comes_together_travels_together_and_what_does_not_does_not()
    {
        // Four images have program a and its library, twelve others have the library without it.
        var images = Enumerable.Repeat(Image('a'), 4).Concat(Enumerable.Range(0, 12).Select(i => Image("bcdfghijklmn"[i]))).ToList();

        var table = new LearningSchedule([3], 100).TableOf(images, 1_000_000)!;

        Hint(table, Library).Should().Be(new Hint(1, 13, null));
        Hint(table, Own('a')).Should().Be(new Hint(0.25, 1, Program('a')));
    }

    private static Hint Hint(HintTable table, StorePath path) => table.Records.Single(r => r.Key == path).Value;

    private static ClosureGraph Image(char name) => ClosureGraph.Of(
        [
            new ClosureNode(Library, 5_000_000, []),
            new ClosureNode(Own(name), 1000, []),
            new ClosureNode(Program(name), 1000, [Library, Own(name)]),
        ],
        [Program(name)]);

    private static StorePath Program(char name) => StorePath.Parse($"/nix/store/{new string(name, 32)}-program{name}-1.0");

    private static StorePath Own(char name) => StorePath.Parse($"/nix/store/{new string(name, 31)}9-own{name}-1.0");
}
