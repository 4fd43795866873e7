using Nixery.Building;
using Nixery.Images;
using Nixery.Oci;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>An image whose packages are known and nothing more yet.</summary>
internal sealed class ImageDraft
{
    public ImageDraft(ImageRequest request, PinnedSource source, EvaluationOutcome.Answered answered)
    {
        Request = request;
        Packages = [.. answered.Answers.OfType<PackageAnswer.Available>().Select(a => a.Package)];
        var asked = answered.Answers.OfType<PackageAnswer.Available>().Where(a => request.Packages.Contains(a.Name)).Select(a => a.Package).ToList();
        var created = answered.LastModified ?? DateTimeOffset.UnixEpoch.AddSeconds(1);
        Contract = new ImageContract(created, CommandOf(request, asked), LabelsOf(request, source, asked, created));
    }

    public ImageRequest Request { get; }

    /// <summary>In canonical order, with those that every image has.</summary>
    public IReadOnlyList<Package> Packages { get; }

    public ImageContract Contract { get; }

    /// <summary>Where there is a shell, the shell; else the program that a lone package exists for.</summary>
    private static string[]? CommandOf(ImageRequest request, IReadOnlyList<Package> asked)
    {
        if (request.HasShell)
        {
            return ["bash"];
        }

        return asked is [{ MainProgram: { } program }] ? [program] : null;
    }

    /// <summary>https://github.com/opencontainers/image-spec/blob/main/annotations.md</summary>
    private static Dictionary<string, string> LabelsOf(
        ImageRequest request, PinnedSource source, IReadOnlyList<Package> asked, DateTimeOffset created)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["org.opencontainers.image.title"] = request.CanonicalName,
            ["org.opencontainers.image.description"] = string.Join(", ", asked.Select(p => p.NameAndVersion)),
            ["org.opencontainers.image.created"] = Rfc3339.Write(created),
            ["org.opencontainers.image.revision"] = source.Revision,
        };
        if (asked is [{ Version: { } version }])
        {
            labels["org.opencontainers.image.version"] = version;
        }

        // An expression that leaves a package out would be false.
        if (asked.All(p => p.Licences.Count > 0))
        {
            labels["org.opencontainers.image.licenses"] =
                string.Join(" AND ", asked.SelectMany(p => p.Licences).Distinct().Order(StringComparer.Ordinal));
        }

        return labels;
    }
}
