using System.CommandLine;
using System.IO.Compression;
using Nixery.Images;
using Nixery.Layers;
using Nixery.Pulls;
using Nixery.Tables;

namespace Nixery.Server.Commands;

/// <summary><c>nixery popularity</c>: makes the table that layers are planned with.</summary>
internal static class PopularityCommand
{
    private static readonly Argument<string[]> Packages = PackagesArgument.Create(
        "The packages to make the table of; with none, all at the top of the package set.");

    private static readonly Option<string> OfSet = PackageSetOption.Create();

    private static readonly Option<string> OfTag = TagOption.Create();

    private static readonly Option<string> For = new("--platform") { Description = "amd64 or arm64.", DefaultValueFactory = _ => "amd64" };

    private static readonly Option<string> To = new("--output", "-o")
    {
        Description = "Where to write the table; compressed where the name ends in .gz.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<bool> AsPopularity = new("--nixery-format")
    {
        Description = "Write Nixery's popularity file, {\"name-version\": referrers}, which Nixery itself and the planner Nixery read.",
    };

    private static readonly Option<string> StorePaths = new("--store-paths")
    {
        Description =
            "Make the table of a binary cache instead: a file or address that lists store paths, one a line, plain or gzip. Releases of nixpkgs have one as store-paths.xz: unpack it first (xz -d).",
        HelpName = "FILE|URL",
    };

    private static readonly Option<string> Cache = new("--cache")
    {
        Description = "The binary cache that knows those store paths; a small file is read of each, no package is fetched.",
        HelpName = "URL",
        DefaultValueFactory = _ => "https://cache.nixos.org/",
    };

    private static readonly Option<int> AtOnce = new("--at-once")
    {
        Description = "How many questions to the binary cache, or builds, go on at a time. Default: 32 questions, or as many builds as there are processors.",
        HelpName = "N",
    };

    public static Command Create()
    {
        For.AcceptOnlyFromAmong([.. MetaPackages.Platforms.Keys]);
        Cache.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !TableReader.IsAddress(token.Value))
            {
                result.AddError("--cache takes an address that begins with http:// or https://");
            }
        });
        AtOnce.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out var count) || count is < 1 or > 1024))
            {
                result.AddError("--at-once takes a number from 1 to 1024");
            }
        });
        var command = new Command(
            "popularity",
            """
            Make the table of which store path travels with which, for Nixery:Layers:Table. Of a package set its packages are built or fetched, and
            later pulls find what was learned; for nixpkgs use --store-paths, which builds nothing. One that was interrupted goes on where it was.
            """)
        {
            Packages, OfSet, OfTag, For, To, AsPopularity, StorePaths, Cache, AtOnce, SettingOption.Set, SettingOption.File,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(Packages) is { Tokens.Count: > 0 } && result.GetResult(StorePaths) is { Implicit: false })
            {
                result.AddError("--store-paths makes a table of all that the list names: no packages can be named with it");
            }
        });
        command.SetAction((parsed, cancellationToken) => Starting.RunAsync(
            parsed, "the same command goes on from here", () => MakeAsync(parsed, cancellationToken), cancellationToken));
        return command;
    }

    private static async Task<int> MakeAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var error = parsed.InvocationConfiguration.Error;
        await using var app = RegistryHost.BuildForVerb(SettingOption.Read(parsed));
        var result = parsed.GetValue(StorePaths) is { } list
            ? await OfCacheAsync(parsed, app.Services, list, cancellationToken)
            : await OfSetAsync(parsed, app.Services, cancellationToken);
        if (result.Table is not { } table)
        {
            await error.WriteLineAsync($"nixery popularity: {result.Problem}");
            return 1;
        }

        await WriteAsync(parsed, table, cancellationToken);
        File.Delete(JournalOf(parsed));
        if (result.Problem is { } lack)
        {
            await error.WriteLineAsync($"nixery popularity: {lack}");
            return 1;
        }

        return 0;
    }

    private static Task<TableResult> OfSetAsync(ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetRequiredService<PackageSetTable>().MakeAsync(
            parsed.GetValue(OfSet)!,
            Tag.Parse(parsed.GetValue(OfTag)!),
            MetaPackages.Platforms[parsed.GetValue(For)!],
            [.. (parsed.GetValue(Packages) ?? []).Select(PackageName.Parse)],
            parsed.GetValue(AtOnce) is > 0 and var atOnce ? atOnce : Environment.ProcessorCount,
            PopularityLines.OfPackages(parsed.InvocationConfiguration.Output),
            cancellationToken);

    private static async Task<TableResult> OfCacheAsync(
        ParseResult parsed, IServiceProvider services, string place, CancellationToken cancellationToken)
    {
        var crawl = services.GetRequiredService<BinaryCacheCrawl>();
        var journal = JournalOf(parsed);
        try
        {
            var list = await crawl.ReadListAsync(place, cancellationToken);
            var atOnce = parsed.GetValue(AtOnce) is > 0 and var asked ? asked : 32;
            var nodes = await crawl.ReadAsync(
                list, new Uri(parsed.GetValue(Cache)!), atOnce, journal, PopularityLines.OfPaths(parsed.InvocationConfiguration.Output), cancellationToken);
            if (nodes.Count == 0)
            {
                File.Delete(journal);
                return new TableResult(null, "the binary cache has none of these store paths");
            }

            return new TableResult(BinaryCacheCrawl.TableOf(nodes, list, services.GetRequiredService<LayerOptions>()), null);
        }
        catch (Exception e) when (e is BinaryCacheException or InvalidDataException)
        {
            return new TableResult(null, e.Message);
        }
    }

    private static string JournalOf(ParseResult parsed) => parsed.GetValue(To)! + ".partial";

    private static async Task WriteAsync(ParseResult parsed, HintTable table, CancellationToken cancellationToken)
    {
        var path = parsed.GetValue(To)!;
        var content = parsed.GetValue(AsPopularity) ? HintTableFormat.WritePopularity(table) : HintTableFormat.Write(table);
        var unfinished = path + ".unfinished";
        await using (var file = File.Create(unfinished))
        {
            await using Stream written = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Optimal) : file;
            await written.WriteAsync(content, cancellationToken);
        }

        File.Move(unfinished, path, overwrite: true);
        // A file of counts tells of no hosts, and has another id.
        var told = parsed.GetValue(AsPopularity)
            ? $"{path}: counts of referrers, for Nixery"
            : $"{path}: {table.Count} store paths, {table.Records.Count(r => r.Value.Host is not null)} of them travel with another; id {table.Id}";
        await parsed.InvocationConfiguration.Output.WriteLineAsync($"{told}\nserve with it: Nixery:Layers:Table={path}");
    }
}
