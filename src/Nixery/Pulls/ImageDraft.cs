using Nixery.Building;
using Nixery.Closures;
using Nixery.Images;
using Nixery.Oci;
using Nixery.Rootfs;
using Nixery.Sources;

namespace Nixery.Pulls;

/// <summary>How the drafting of an image ended.</summary>
internal abstract record DraftOutcome
{
    private DraftOutcome()
    {
    }

    public sealed record Drafted(ImageDraft Draft) : DraftOutcome;

    /// <summary>There will be no such image; how the pull ends.</summary>
    public sealed record Ended(PullOutcome Outcome) : DraftOutcome;
}

/// <summary>An image whose packages are known and nothing more yet.</summary>
internal sealed class ImageDraft
{
    private const string Revision = "org.opencontainers.image.revision";

    private readonly List<Package> _asked;
    private readonly DateTimeOffset _created;

    public ImageDraft(
        ImageRequest request, PinnedSource source, IReadOnlyList<PackageName> names, EvaluationOutcome.Answered answered, ChosenTable table)
    {
        Request = request;
        Source = source;
        Names = names;
        Table = table;
        _created = answered.LastModified ?? DateTimeOffset.UnixEpoch.AddSeconds(1);
        var available = answered.Answers.OfType<PackageAnswer.Available>().ToList();
        Packages = [.. available.Select(a => a.Package)];
        _asked = [.. available.Where(a => request.Packages.Contains(a.Name)).Select(a => a.Package)];
    }

    public ImageRequest Request { get; }

    public PinnedSource Source { get; }

    /// <summary>All that was looked up, in canonical order: what was asked for, and what every image has.</summary>
    public IReadOnlyList<PackageName> Names { get; }

    /// <summary>What its layers are planned with.</summary>
    public ChosenTable Table { get; }

    /// <summary>In canonical order, with those that every image has.</summary>
    public IReadOnlyList<Package> Packages { get; }

    /// <summary>What is installed of the packages, in canonical order.</summary>
    public IReadOnlyList<StorePath> Outputs => [.. Packages.SelectMany(p => p.Outputs).Select(o => o.Path).Distinct()];

    public ImageContract ContractFor(RootTree root) => new(_created, CommandFor(root), Labels())
    {
        Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [Revision] = Source.Revision },
    };

    /// <summary>
    /// Where there is a shell, the shell; else the program that a lone package exists for, if the outputs that are in the image
    /// have it.
    /// </summary>
    private string[]? CommandFor(RootTree root)
    {
        if (Request.HasShell)
        {
            return ["bash"];
        }

        return _asked is [{ MainProgram: { } program }] && root.Entries.Any(e => e.Path == $"bin/{program}") ? [program] : null;
    }

    /// <summary>https://github.com/opencontainers/image-spec/blob/main/annotations.md</summary>
    private Dictionary<string, string> Labels()
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["org.opencontainers.image.title"] =
                Source.Arguments.Set.Length == 0 ? Request.CanonicalName : $"{Source.Arguments.Set}/{Request.CanonicalName}",
            ["org.opencontainers.image.description"] = string.Join(", ", _asked.Select(p => p.NameAndVersion)),
            ["org.opencontainers.image.created"] = Rfc3339.Write(_created),
            [Revision] = Source.Revision,
        };
        if (_asked is [{ Version: { } version }])
        {
            labels["org.opencontainers.image.version"] = version;
        }

        // An expression that leaves a package out would be false.
        if (_asked.All(p => p.Licences.Count > 0))
        {
            labels["org.opencontainers.image.licenses"] =
                string.Join(" AND ", _asked.SelectMany(p => p.Licences).Select(Term).Distinct().Order(StringComparer.Ordinal));
        }

        return labels;
    }

    private static string Term(string licence) => licence.Contains(" OR ", StringComparison.Ordinal) ? $"({licence})" : licence;
}
