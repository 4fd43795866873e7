using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Nixery.Images;
using Nixery.Pulls;
using Nixery.Server.Errors;

namespace Nixery.Server.Commands;

/// <summary><c>nixery plan</c>: shows the layers that an image has or would have.</summary>
internal static class PlanCommand
{
    private static readonly Argument<string> Image = new("image") { Description = "The image's name: shell/git/htop" };

    private static readonly Option<string> OfTag = TagOption.Create();

    private static readonly Option<bool> AsJson = new("--json") { Description = "Print JSON, with all store paths." };

    public static Command Create()
    {
        Image.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ImageName.TryParse(token.Value, out _, out var problem))
            {
                result.AddError(problem);
            }
        });
        var command = new Command(
            "plan",
            """
            Show the layers that an image has or would have: size, store paths, why each is one, and how many other images share it. Nothing is
            stored but what Nix says of the packages; what is not built yet is built.
            """)
        {
            Image, OfTag, AsJson, SettingOption.Set, SettingOption.File,
        };
        command.SetAction((parsed, cancellationToken) => Starting.RunAsync(parsed, () => PlanAsync(parsed, cancellationToken)));
        return command;
    }

    private static async Task<int> PlanAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var app = RegistryHost.BuildForVerb(SettingOption.Read(parsed));
        var preview = app.Services.GetRequiredService<LayerPreview>();
        var outcome = await preview.PlanAsync(ImageName.Parse(parsed.GetValue(Image)!), Tag.Parse(parsed.GetValue(OfTag)!), cancellationToken);
        if (outcome is not PreviewOutcome.Planned planned)
        {
            var problem = PullErrors.Of(((PreviewOutcome.NotPlanned)outcome).Outcome)!;
            await parsed.InvocationConfiguration.Error.WriteLineAsync($"nixery plan: {problem.Message}");
            return 1;
        }

        var report = PlanReport.Of(planned);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(
            parsed.GetValue(AsJson) ? JsonSerializer.Serialize(report, ReportJson.Plain.PlanReport) : Table(report));
        return 0;
    }

    private static string Table(PlanReport report)
    {
        var rows = report.Layers.Select((layer, i) => string.Create(
            CultureInfo.InvariantCulture,
            $"{i + 1,3}  {layer.NarSizeBytes / 1e6,9:0.00} MB  {layer.StorePaths.Count,5}  {layer.SharedBy,6}  {layer.Top ?? "(tail)"}: {layer.Reason}"));
        return string.Join(
            '\n',
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{report.Image}: {report.Layers.Count} {(report.Layers.Count == 1 ? "layer" : "layers")} of {report.Layers.Sum(l => l.StorePaths.Count)} store paths, {report.NarSizeBytes / 1e6:0.00} MB before compression"),
                $"table: {report.Table}; compared with {report.OtherImages} other images that this registry built",
                "",
                "  #          size  paths  shared  layer",
                .. rows,
                "  and the root layer: the links at /, and the files that every image has",
            ]);
    }
}

/// <summary>What <c>nixery plan --json</c> prints.</summary>
/// <param name="Table">Id of the table that it is planned with; "none" for none.</param>
/// <param name="OtherImages">How many other images <see cref="LayerReport.SharedBy"/> is of.</param>
/// <param name="Layers">Bottom first, without the root layer.</param>
internal sealed record PlanReport(string Image, string Table, int OtherImages, long NarSizeBytes, IReadOnlyList<LayerReport> Layers)
{
    public static PlanReport Of(PreviewOutcome.Planned planned) => new(
        planned.Name,
        planned.TableId,
        planned.OtherImages,
        planned.Layers.Sum(l => l.Layer.NarSizeBytes),
        [.. planned.Layers.Select(l => new LayerReport(
            l.Layer.Top?.Name, l.Layer.NarSizeBytes, l.SharedBy, l.Reason, [.. l.Layer.Paths.Select(p => p.Text)]))]);
}

/// <param name="Top">Name and version of what it exists for; null for the tail.</param>
internal sealed record LayerReport(string? Top, long NarSizeBytes, int SharedBy, string Reason, IReadOnlyList<string> StorePaths);
