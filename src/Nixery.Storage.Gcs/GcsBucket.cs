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
                return answer.StatusCode == HttpStatusCode.NotFound
                    ? null
                    : Own(await calls.ReadAsync(what, answer, GcsJson.Default.GcsObject, token));
            },
            cancellationToken);
    }

    public async Task<BucketBody?> OpenAsync(string name, ByteRange range, CancellationToken cancellationToken)
    {
        var answer = await calls.SendAsync($"open {name}", Create, [HttpStatusCode.NotFound], cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            answer.Dispose();
            return null;
        }

        if (answer.Content.Headers.ContentLength is not { } length
            || answer.StatusCode != (range == ByteRange.Whole ? HttpStatusCode.OK : HttpStatusCode.PartialContent))
        {
            answer.Dispose();
            throw new BucketRefusedException($"the bucket {options.Bucket} sent {name} in a way that was not asked for");
        }

        // Disposing the body gives its connection back.
        return new BucketBody(await answer.Content.ReadAsStreamAsync(cancellationToken), length);

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
        var query = $"prefix={Uri.EscapeDataString(options.Prefix + prefix)}&fields=items(name,size,updated),nextPageToken"
            + (after is null ? "" : $"&pageToken={Uri.EscapeDataString(after)}");
        return calls.Retry.RunAsync(
            async token =>
            {
                using var answer = await calls.TryAsync($"list {prefix}", () => new HttpRequestMessage(HttpMethod.Get, $"{options.Objects}?{query}"), [], token);
                var page = await calls.ReadAsync($"list {prefix}", answer, GcsJson.Default.GcsPage, token);
                return new BucketPage([.. (page.Items ?? []).Select(Own)], page.NextPageToken);
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

    private BucketObject Own(GcsObject found) => new(found.Name[options.Prefix.Length..], found.Size, found.Updated);
}

/// <summary>https://cloud.google.com/storage/docs/json_api/v1/objects#resource</summary>
internal sealed record GcsObject(string Name, long Size, DateTimeOffset Updated);

internal sealed record GcsPage(IReadOnlyList<GcsObject>? Items, string? NextPageToken);

/// <summary>What is said of an object when it is put.</summary>
/// <param name="Crc32c">Base64 of its four bytes, most significant first; the store refuses a content that has another.</param>
internal sealed record GcsMetadata(string Name, string ContentType, string Crc32c, string? StorageClass);

// Sizes are strings there: JSON's numbers are not exact to so many digits everywhere.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GcsObject))]
[JsonSerializable(typeof(GcsPage))]
[JsonSerializable(typeof(GcsMetadata))]
internal sealed partial class GcsJson : JsonSerializerContext;
