using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Nixery.Bench;

/// <summary>
/// <c>layersharing</c>: asks a running registry for images drawn from a list of packages, and says what their layers come to. The same seed
/// draws the same images, so that registries with other planners can be compared.
/// </summary>
internal static class LayerSharingVerb
{
    private const int ImagesOfClient = 5;

    private static readonly Option<Uri> Registry = new("--registry")
    {
        Description = "Address of the registry.",
        Required = true,
        CustomParser = result => new Uri(result.Tokens.Single().Value),
    };

    private static readonly Option<FileInfo> Packages = new("--packages") { Description = "File with a package's name a line.", Required = true };

    private static readonly Option<int> Count = new("--count") { Description = "How many images.", DefaultValueFactory = _ => 40 };

    private static readonly Option<int> Seed = new("--seed") { Description = "Draws other images.", DefaultValueFactory = _ => 1 };

    public static Command Create()
    {
        var command = new Command("layersharing", "Measure what images of a running registry have in common.") { Registry, Packages, Count, Seed };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var names = (await File.ReadAllLinesAsync(parsed.GetValue(Packages)!.FullName, cancellationToken)).Where(n => n.Length > 0).ToList();
            var images = Draw(names, parsed.GetValue(Count), parsed.GetValue(Seed));
            using var http = new HttpClient { BaseAddress = parsed.GetValue(Registry), Timeout = TimeSpan.FromHours(1) };
            var layers = new List<IReadOnlyList<Layer>>();
            foreach (var image in images)
            {
                layers.Add(await PullAsync(http, image, cancellationToken));
            }

            Say(layers, parsed.InvocationConfiguration.Output);
        });
        return command;
    }

    /// <summary>Half of the images have a shell; each has one to six packages, all of them as likely.</summary>
    private static List<string> Draw(List<string> names, int count, int seed)
    {
#pragma warning disable CA5394 // not for security: the same images again
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i => string.Join(
            '/',
            Enumerable.Range(0, 1 + random.Next(6)).Select(_ => names[random.Next(names.Count)]).Concat(i % 2 == 0 ? ["shell"] : []).Distinct()))];
#pragma warning restore CA5394
    }

    private static async Task<IReadOnlyList<Layer>> PullAsync(HttpClient http, string image, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{image}/manifests/latest");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/vnd.oci.image.manifest.v1+json"));
        using var response = await http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{image}: HTTP {(int)response.StatusCode} {text}");
        }

        using var manifest = JsonDocument.Parse(text);
        return [.. manifest.RootElement.GetProperty("layers").EnumerateArray()
            .Select(l => new Layer(l.GetProperty("digest").GetString()!, l.GetProperty("size").GetInt64()))];
    }

    private static void Say(List<IReadOnlyList<Layer>> images, TextWriter output)
    {
        // Each client pulls five in a row, and keeps what it has.
        var clients = images.Chunk(ImagesOfClient).Sum(Distinct);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{images.Count} images; layers an image: {images.Average(i => i.Count):0.0} on average, {images.Max(i => i.Count)} at most; {images.SelectMany(i => i).Distinct().Count()} different layers"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"stored, and pulled by one client that pulls all: {Distinct(images) / 1e6:0.0} MB; pulled by {(images.Count + ImagesOfClient - 1) / ImagesOfClient} clients that pull {ImagesOfClient} each: {clients / 1e6:0.0} MB; if nothing were shared: {images.Sum(i => i.Sum(l => l.SizeBytes)) / 1e6:0.0} MB"));
    }

    private static long Distinct(IEnumerable<IReadOnlyList<Layer>> images) => images.SelectMany(i => i).Distinct().Sum(l => l.SizeBytes);

    private sealed record Layer(string Digest, long SizeBytes);
}
