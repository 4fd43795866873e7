using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Nixery.Images;
using Nixery.Sources;
using Nixery.Storage;

namespace Nixery.Pulls;

/// <summary>
/// Which images were made, by name: for lists of tags and of names. Of two replicas that write at once one may be forgotten; what it
/// wrote can be pulled all the same.
/// </summary>
public sealed class Repositories : IDisposable
{
    private const string Kind = "repository";

    /// <summary>A list of tags is for people and for tools that look for the newest; a channel moves a few times a week.</summary>
    private const int MostRevisions = 50;

    /// <summary>A client that reads page by page reads all pages of one look.</summary>
    private static readonly TimeSpan BelieveNamesFor = TimeSpan.FromSeconds(10);

    private readonly TypedRecords _records;
    private readonly IRecordInventory _inventory;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _listing = new(1);
    private Look? _last;

    internal Repositories(TypedRecords records, IRecordInventory inventory, TimeProvider time)
    {
        _records = records;
        _inventory = inventory;
        _time = time;
    }

    /// <summary>The names of all images that were made, sorted ordinally. They are read from the storage: slow, where there are many.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        await _listing.WaitAsync(cancellationToken);
        try
        {
            if (_last is not { } last || _time.GetElapsedTime(last.At) >= BelieveNamesFor)
            {
                var names = new SortedSet<string>(StringComparer.Ordinal);
                await foreach (var repository in ReadAllAsync(cancellationToken))
                {
                    names.Add(repository.Name);
                }

                _last = last = new Look(_time.GetTimestamp(), [.. names]);
            }

            return last.Names;
        }
        finally
        {
            _listing.Release();
        }
    }

    public void Dispose()
    {
        _writing.Dispose();
        _listing.Dispose();
    }

    /// <summary>What the package set was pinned at when this image was made, the newest first.</summary>
    internal async Task<IReadOnlyList<string>> FindRevisionsAsync(string set, ImageRequest request, CancellationToken cancellationToken) =>
        (await FindAsync(KeyOf(set, request), cancellationToken))?.Revisions ?? [];

    internal async Task RememberAsync(ImageRequest request, PinnedSource source, CancellationToken cancellationToken)
    {
        var set = source.Arguments.Set;
        var key = KeyOf(set, request);
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var revisions = (await FindAsync(key, cancellationToken))?.Revisions ?? [];
            if (revisions is [var newest, ..] && newest == source.Revision)
            {
                return;
            }

            var repository = new Repository(NameOf(set, request), [.. revisions.Where(r => r != source.Revision).Prepend(source.Revision).Take(MostRevisions)]);
            await _records.PutAsync(key, repository, RepositoryJson.Default.Repository, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async IAsyncEnumerable<Repository> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var listed in _inventory.ListAsync(Kind, cancellationToken))
        {
            // Presets stand for many packages, and a name that is too long to be pulled is none.
            if (await FindAsync(listed.Key.PastMemory(), cancellationToken) is { } repository && ImageName.TryParse(repository.Name, out _, out _))
            {
                yield return repository;
            }
        }
    }

    private ValueTask<Repository?> FindAsync(RecordKey key, CancellationToken cancellationToken) =>
        _records.FindAsync(key, RepositoryJson.Default.Repository, cancellationToken);

    private static RecordKey KeyOf(string set, ImageRequest request) =>
        RecordKey.Changing(Kind, set, request.Platform.NixSystem, request.CanonicalName);

    /// <summary>By which an image is pulled, in canonical form.</summary>
    internal static string NameOf(string set, ImageRequest request)
    {
        var platform = MetaPackages.Platforms.Single(p => p.Value.Equals(request.Platform)).Key;
        string[] parts = [set, request.Platform.Equals(Platform.Amd64) ? "" : platform, request.CanonicalName];
        return string.Join('/', parts.Where(p => p.Length > 0));
    }

    private sealed record Look(long At, IReadOnlyList<string> Names);
}

/// <param name="Name">By which it can be pulled.</param>
/// <param name="Revisions">Of the package set, the newest first.</param>
internal sealed record Repository(string Name, IReadOnlyList<string> Revisions);

[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Repository))]
internal sealed partial class RepositoryJson : JsonSerializerContext;
