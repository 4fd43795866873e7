using System.CommandLine;
using Nixery.Images;
using Nixery.Pulls;

namespace Nixery.Server.Commands;

/// <summary><c>nixery index</c>: evaluates packages ahead of the pulls that ask for them.</summary>
internal static class IndexCommand
{
    private static readonly Argument<string[]> Packages = PackagesArgument.Create(
        "The packages to evaluate, as in an image's name; with none, all at the top of the package set.");

    private static readonly Option<string> OfSet = PackageSetOption.Create();

    private static readonly Option<string> OfTag = TagOption.Create();

    private static readonly Option<string[]> For = new("--platform")
    {
        Description = "amd64 or arm64; may be given several times.",
        DefaultValueFactory = _ => ["amd64"],
    };

    public static Command Create()
    {
        For.AcceptOnlyFromAmong([.. MetaPackages.Platforms.Keys]);
        var command = new Command("index", "Evaluate packages now, so that images of them need no evaluation later. An index that was interrupted goes on where it was.")
        {
            Packages, OfSet, OfTag, For, SettingOption.Set, SettingOption.File,
        };
        command.SetAction((parsed, cancellationToken) => Starting.RunAsync(
            parsed, "the next index goes on from here", () => IndexAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> IndexAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = parsed.InvocationConfiguration.Output;
        var error = parsed.InvocationConfiguration.Error;
        await using var app = RegistryHost.BuildForVerb(SettingOption.Read(parsed));
        var index = app.Services.GetRequiredService<PackageIndex>();
        var names = (parsed.GetValue(Packages) ?? []).Select(PackageName.Parse).ToList();
        foreach (var platform in parsed.GetValue(For)!.Select(p => MetaPackages.Platforms[p]))
        {
            var result = await index.RunAsync(
                parsed.GetValue(OfSet)!, Tag.Parse(parsed.GetValue(OfTag)!), platform, names, new Lines(output, platform), cancellationToken);
            if (result.Problem is { } problem)
            {
                await error.WriteLineAsync($"nixery index: {problem}");
                return 1;
            }
        }

        return 0;
    }

    /// <summary>A line a batch, in order.</summary>
    private sealed class Lines(TextWriter output, Platform platform) : IProgress<IndexProgress>
    {
        public void Report(IndexProgress value) =>
            output.WriteLine($"{platform}: {value.Done} of {value.Of} names, {value.Available} packages can be had");
    }
}
