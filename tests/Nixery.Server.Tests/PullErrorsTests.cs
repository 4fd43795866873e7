using Nixery.Building;
using Nixery.Images;
using Nixery.Pulls;
using Nixery.Server.Errors;

namespace Nixery.Server.Tests;

public sealed class PullErrorsTests
{
    private static readonly PackageName Git = PackageName.Parse("git");

    private static readonly PullOutcome[] Samples =
    [
        new PullOutcome.Image(null!, ImageOrigin.Storage),
        new PullOutcome.NameRefused("x"),
        new PullOutcome.UnknownTag("x"),
        new PullOutcome.PackagesNotFound([new PackageAnswer.NotFound(Git, ["gitfull"], ["git"])], ["shell"]),
        new PullOutcome.PackagesRefused([new PackageAnswer.Refused(Git, RefusalReason.Broken, "git is broken")]),
        new PullOutcome.NotStored(),
        new PullOutcome.BuildFailed("x"),
        new PullOutcome.BuildTimedOut(TimeSpan.FromSeconds(1)),
        new PullOutcome.StillBuilding(TimeSpan.FromMinutes(10)),
        new PullOutcome.OverLimit("x"),
        new PullOutcome.TooMany("192.0.2.1", "x", TimeSpan.FromMinutes(40)),
        new PullOutcome.Busy(),
        new PullOutcome.NoRoom("x"),
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
    public void Each_ending_of_a_list_has_its_answer_and_what_passes_has_a_time_to_come_back()
    {
        Samples.Skip(1).Select(s => (Name: s.GetType().Name, PullErrors.OfList(s).Status, PullErrors.OfList(s).Code, WillPass: PullErrors.OfList(s).RetryAfter is not null)).Should().Equal(
            ("NameRefused", 404, "NAME_UNKNOWN", false),
            ("UnknownTag", 404, "NAME_UNKNOWN", false),
            ("PackagesNotFound", 404, "NAME_UNKNOWN", false),
            ("PackagesRefused", 404, "NAME_UNKNOWN", false),
            ("NotStored", 404, "NAME_UNKNOWN", false),
            ("BuildFailed", 403, "DENIED", false),
            ("BuildTimedOut", 403, "DENIED", false),
            ("StillBuilding", 429, "TOOMANYREQUESTS", true),
            ("OverLimit", 403, "DENIED", false),
            ("TooMany", 429, "TOOMANYREQUESTS", true),
            ("Busy", 429, "TOOMANYREQUESTS", true),
            ("NoRoom", 503, "UNKNOWN", true),
            ("Unavailable", 503, "UNKNOWN", true));
    }

    [Fact]
    public void What_a_user_can_cause_is_never_a_fault_of_the_server() =>
        Samples.Skip(1).SkipLast(2).Select(s => PullErrors.Of(s)!.Status).Should().OnlyContain(s => s >= 400 && s < 500);
}
