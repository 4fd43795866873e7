using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Serialization;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Gcs;

/// <summary>A bucket of Google Cloud Storage by its JSON API. https://cloud.google.com/storage/docs/json_api/v1</summary>
internal sealed class GcsBucket(GcsOptions options, GcsCalls calls, GcsUploads uploads, GcsSigner signer) : IBucket, IBucketUpkeep, IBucketSigner
{
    public bool IsForClients => signer.IsForClients;

    public async Task<BucketObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var what = $"look for {name}";
        return await calls.Retry.RunAsync(
            async token =>
            {
                using var answer = await calls.TryAsync(what, () => Get(name, "fields=name,size,updated"), [HttpStatusCode.NotFound], token);
                if (answer.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }

                var found = await calls.ReadAsync(what, answer, GcsJson.Default.GcsObject, token);
                return new BucketObject(name, found.Size, found.Updated);
            },
            cancellationToken);
    }

    public Task<BucketBody?> OpenAsync(string name, ByteRange range, CancellationToken cancellationToken)
    {
        return calls.Retry.RunAsync(TryAsync, cancellationToken);

        async Task<BucketBody?> TryAsync(CancellationToken token)
        {
            var answer = await calls.TryAsync($"open {name}", Create, [HttpStatusCode.NotFound], token);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                answer.Dispose();
                return null;
            }

            var said = answer.Content.Headers;
            if (!SentRange.IsAsAsked(range, answer.StatusCode, said.ContentRange?.ToString(), said.ContentLength))
            {
                answer.Dispose();
                throw new BucketUnavailableException($"the bucket {options.Bucket} sent something else than was asked for of {name}");
            }

            // Disposing the body gives its connection back.
            return new BucketBody(await answer.Content.ReadAsStreamAsync(token), said.ContentLength!.Value);
        }

        HttpRequestMessage Create()
        {
            var request = Get(name, "alt=media");
            if (range != ByteRange.Whole)
            {
                request.Headers.Range = new RangeHeaderValue(range.Offset, range.Offset + range.Length - 1);
            }

            return request;
        }
    }

    public async Task PutAsync(string name, BucketContent content, CancellationToken cancellationToken) =>
        await uploads.PutAsync(options.Prefix + name, content, onlyNew: null, cancellationToken);

    public Task<bool> TryCreateAsync(string name, BucketContent content, CancellationToken cancellationToken) =>
        uploads.PutAsync(options.Prefix + name, content, onlyNew: "&ifGenerationMatch=0", cancellationToken);

    public Task<BucketPage> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
    {
        var wanted = options.Prefix + prefix;
        var query = $"prefix={Uri.EscapeDataString(wanted)}&fields=items(name,size,updated),nextPageToken"
            + (after is null ? "" : $"&pageToken={Uri.EscapeDataString(after)}");
        return calls.Retry.RunAsync(
            async token =>
            {
                using var answer = await calls.TryAsync($"list {prefix}", () => new HttpRequestMessage(HttpMethod.Get, $"{options.Objects}?{query}"), [], token);
                var page = await calls.ReadAsync($"list {prefix}", answer, GcsJson.Default.GcsPage, token);
                // What else is in it was not asked for.
                var ours = (page.Items ?? []).OfType<GcsObject>().Where(o => o.Name.StartsWith(wanted, StringComparison.Ordinal));
                return new BucketPage([.. ours.Select(o => new BucketObject(o.Name[options.Prefix.Length..], o.Size, o.Updated))], page.NextPageToken);
            },
            cancellationToken);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await calls.SendAsync(
            $"delete {name}", () => new HttpRequestMessage(HttpMethod.Delete, AddressOf(name)), [HttpStatusCode.NotFound], cancellationToken);
    }

    /// <summary>An upload that nobody goes on with ends by itself after a week, and until then nobody is told of it.</summary>
    public Task<int> AbandonUploadsAsync(DateTimeOffset before, CancellationToken cancellationToken) => Task.FromResult(0);

    public ValueTask<Uri?> SignAsync(string name, CancellationToken cancellationToken) => signer.SignAsync(options.Prefix + name, cancellationToken);

    private HttpRequestMessage Get(string name, string query) => new(HttpMethod.Get, $"{AddressOf(name)}?{query}");

    private string AddressOf(string name) => options.AddressOf(options.Prefix + name);
}

/// <summary>https://cloud.google.com/storage/docs/json_api/v1/objects#resource</summary>
internal sealed record GcsObject(string Name, long Size, DateTimeOffset Updated);

/// <summary>An empty list has no items, and the last page names no other.</summary>
internal sealed record GcsPage
{
    public IReadOnlyList<GcsObject?>? Items { get; init; }

    public string? NextPageToken { get; init; }
}

/// <summary>What is said of an object when it is put.</summary>
/// <param name="Crc32c">Base64 of its four bytes, most significant first; the store refuses a content that has another.</param>
internal sealed record GcsMetadata(string Name, string ContentType, string Crc32c, string? StorageClass);

// Sizes are strings there: JSON's numbers are not exact to so many digits everywhere.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GcsObject))]
[JsonSerializable(typeof(GcsPage))]
[JsonSerializable(typeof(GcsMetadata))]
internal sealed partial class GcsJson : JsonSerializerContext;
