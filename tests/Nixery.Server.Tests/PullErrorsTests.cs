using Nixery.Building;
using Nixery.Images;
using Nixery.Pulls;

namespace Nixery.Server.Tests;

public sealed class PullErrorsTests
{
    private static readonly PackageName Git = PackageName.Parse("git");

    private static readonly PullOutcome[] Samples =
    [
        new PullOutcome.Image(null!, WasKnown: true),
        new PullOutcome.NameRefused("x"),
        new PullOutcome.UnknownTag("x"),
        new PullOutcome.PackagesNotFound([new PackageAnswer.NotFound(Git, ["gitfull"], ["git"])], ["shell"]),
        new PullOutcome.PackagesRefused([new PackageAnswer.Refused(Git, RefusalReason.Broken, "git is broken")]),
        new PullOutcome.BuildFailed("x"),
        new PullOutcome.BuildTimedOut(TimeSpan.FromSeconds(1)),
        new PullOutcome.Busy(),
        new PullOutcome.Unavailable("x"),
    ];

    [Fact]
    public void Each_ending_of_a_pull_has_its_answer()
    {
        Samples.Select(s => s.GetType()).Should().BeEquivalentTo(typeof(PullOutcome).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(PullOutcome))));

        foreach (var sample in Samples.Skip(1))
        {
            PullErrors.Of(sample)!.Message.Should().NotBeEmpty();
        }

        PullErrors.Of(Samples[0]).Should().BeNull();
    }

    [Fact]
    public void What_a_user_can_cause_is_never_a_fault_of_the_server() =>
        Samples.Skip(1).SkipLast(1).Select(s => PullErrors.Of(s)!.Status).Should().OnlyContain(s => s >= 400 && s < 500);
}
