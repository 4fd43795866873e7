using System.Runtime.CompilerServices;
using Nixery.Pulls;

namespace Nixery.Tests.Pulls;

public sealed class MeasuredPullTests
{
    [Fact]
    public void Each_ending_of_a_pull_has_a_name_of_its_own_in_the_figures_and_operations_lists_it()
    {
        var endings = typeof(PullOutcome).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(PullOutcome)) && t != typeof(PullOutcome.Image)).ToList();
        endings.Should().HaveCountGreaterThan(10, "or else this tests nothing");

        var names = endings.Select(e => MeasuredPull.NameOf((PullOutcome)RuntimeHelpers.GetUninitializedObject(e))).ToList();

        names.Should().OnlyHaveUniqueItems().And.AllSatisfy(n => n.Should().MatchRegex("^[a-z]+(-[a-z]+)*$"));
        var listed = File.ReadLines(Path.Combine(TestFiles.Repository, "docs", "operations.md")).Single(l => l.StartsWith("| `nixery_pulls_total`", StringComparison.Ordinal));
        foreach (var name in names.Append("image").Append("interrupted"))
        {
            listed.Should().Contain($"`{name}`");
        }
    }
}
