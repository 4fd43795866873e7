using System.Diagnostics;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Memory;
using Nixery.Building;
using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// Evaluates names, each once for a pin and a platform: what was said of a package holds for ever, that it cannot be had for a
/// short while, in memory.
/// </summary>
internal sealed class PackageMemory(IImageBuilder builder, SourceCheck check, TypedRecords records, PullOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Anybody can invent names, so what holds for a short while is in memory alone, and no more of it than this.</summary>
    private const int MostPassing = 10_000;

    private readonly MemoryCache _passing = new(new MemoryCacheOptions { SizeLimit = MostPassing });

    public async Task<EvaluationOutcome> EvaluateAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
    {
        var known = new Dictionary<PackageName, PackageAnswer>();
        DateTimeOffset? lastModified = null;
        foreach (var name in names)
        {
            if (await FindAsync(source, platform, name, cancellationToken) is { } record)
            {
                known.Add(name, record.AnswerFor(name));
                lastModified = record.LastModified;
            }
        }

        var unknown = names.Where(n => !known.ContainsKey(n)).ToList();
        if (unknown.Count > 0)
        {
            var outcome = await EvaluateAnewAsync(source, platform, unknown, cancellationToken);
            if (outcome is not EvaluationOutcome.Answered answered)
            {
                return outcome;
            }

            foreach (var answer in answered.Answers)
            {
                known.Add(answer.Name, answer);
            }

            lastModified = answered.LastModified;
        }

        // All of them are of one pin, so any of them says when the set was last changed.
        return new EvaluationOutcome.Answered([.. names.Select(n => known[n])], lastModified);
    }

    /// <summary>Asks Nix whatever is remembered, for derivations that were garbage-collected since.</summary>
    public async Task<EvaluationOutcome> EvaluateAnewAsync(
        PinnedSource source, Platform platform, IReadOnlyList<PackageName> names, CancellationToken cancellationToken)
    {
        var outcome = await builder.EvaluateAsync(source, platform, names, cancellationToken);
        if (!check.Holds(source))
        {
            return new EvaluationOutcome.Unavailable("the package set was edited while it was read; ask again");
        }

        if (outcome is EvaluationOutcome.Answered answered)
        {
            foreach (var answer in answered.Answers)
            {
                var record = PackageRecord.Of(answer, answered.LastModified, time.GetUtcNow());
                await RememberAsync(KeyOf(source, platform, answer.Name), answer.Name, record, cancellationToken);
            }
        }

        return outcome;
    }

    public void Dispose() => _passing.Dispose();

    private async Task RememberAsync(RecordKey key, PackageName name, PackageRecord record, CancellationToken cancellationToken)
    {
        if (IsForEver(name, record))
        {
            _passing.Remove(key);
            await records.PutAsync(key, record, PackageRecordJson.Default.PackageRecord, cancellationToken);
            return;
        }

        _passing.Set(key, record, new MemoryCacheEntryOptions { Size = 1 });
    }

    /// <summary>At a pin a package does not go away; and that a set has not what every image has is asked for with each image.</summary>
    private static bool IsForEver(PackageName name, PackageRecord record) =>
        record.Available is not null || (record.Nearest is not null && MetaPackages.Base.Contains(name));

    private async Task<PackageRecord?> FindAsync(PinnedSource source, Platform platform, PackageName name, CancellationToken cancellationToken)
    {
        var key = KeyOf(source, platform, name);
        var record = _passing.TryGetValue(key, out PackageRecord? passing)
            ? passing
            : await records.FindAsync(key, PackageRecordJson.Default.PackageRecord, cancellationToken);
        return record is not null && (IsForEver(name, record) || time.GetUtcNow() - record.At < options.RememberFailuresFor) ? record : null;
    }

    private static RecordKey KeyOf(PinnedSource source, Platform platform, PackageName name) =>
        RecordKey.Of("package", "1", source.Key, platform.NixSystem, name.Text);
}

/// <summary>What a package set said of one name: a package, what is near, or why not.</summary>
/// <param name="Available">The package.</param>
/// <param name="Nearest">It is not there, and these names are near.</param>
/// <param name="Providers">It is not there, and these packages have a command of this name.</param>
/// <param name="Refused">Why it cannot be had.</param>
/// <param name="LastModified">Of the package set.</param>
/// <param name="At">When it was said.</param>
internal sealed record PackageRecord(
    Package? Available, IReadOnlyList<string>? Nearest, IReadOnlyList<string>? Providers, Refusal? Refused, DateTimeOffset? LastModified, DateTimeOffset At)
{
    public static PackageRecord Of(PackageAnswer answer, DateTimeOffset? lastModified, DateTimeOffset at) => answer switch
    {
        PackageAnswer.Available available => new(available.Package, null, null, null, lastModified, at),
        PackageAnswer.NotFound missing => new(null, missing.Nearest, missing.Providers, null, lastModified, at),
        PackageAnswer.Refused refused => new(null, null, null, new Refusal(refused.Reason, refused.Explanation), lastModified, at),
        _ => throw new UnreachableException(),
    };

    public PackageAnswer AnswerFor(PackageName name) => this switch
    {
        { Available: { } package } => new PackageAnswer.Available(name, package),
        { Refused: { } refusal } => new PackageAnswer.Refused(name, refusal.Reason, refusal.Explanation),
        _ => new PackageAnswer.NotFound(name, Nearest ?? [], Providers ?? []),
    };
}

/// <summary>Why a package cannot be had, to be remembered.</summary>
internal sealed record Refusal(RefusalReason Reason, string Explanation);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PackageRecord))]
internal sealed partial class PackageRecordJson : JsonSerializerContext;
