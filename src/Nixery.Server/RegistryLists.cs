using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Nixery.Images;
using Nixery.Pulls;
using Nixery.Server.Access;
using Nixery.Server.Configuring;
using Nixery.Server.Errors;
using Nixery.Server.Limits;

namespace Nixery.Server;

/// <summary>
/// The doors of the registry that list: tags, names, and what refers to an image.
/// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-discovery
/// </summary>
internal sealed class RegistryLists(ImageTags tags, Repositories repositories, Doorkeeper door, HttpOptions options)
{
    private const int MostNames = 1000;

    private static readonly byte[] NoReferrers =
        """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"""u8.ToArray();

    public async Task TagsAsync(HttpContext context, ImageName name) => await (await ListAsync(context, name) switch
    {
        TagsOutcome.Listed listed => WritePageAsync(
            context, listed.Tags, int.MaxValue, $"/v2/{name}/tags/list", page => JsonOf(new TagsBody(name.Text, page), ListJson.Default.TagsBody)),
        TagsOutcome.None none => OciErrorWriter.WriteAsync(context, PullErrors.OfList(none.Why)),
        _ => throw new UnreachableException(),
    });

    public async Task CatalogAsync(HttpContext context) => await (options.Catalog
        ? WritePageAsync(
            context, door.Filter(context, await repositories.ListAsync(context.RequestAborted)), MostNames, "/v2/_catalog", page => JsonOf(new CatalogBody(page), ListJson.Default.CatalogBody))
        : OciErrorWriter.WriteAsync(context, OciError.NotFound("this registry does not list its images (Nixery:Http:Catalog): an image's name is the list of its packages")));

    /// <summary>
    /// Nothing can be attached to an image of this registry, so nothing refers to any, and a client that is told so need not look
    /// for a tag that would say it instead.
    /// </summary>
    public static Task ReferrersAsync(HttpContext context)
    {
        if (context.Request.Query.ContainsKey("artifactType"))
        {
            context.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        }

        return WriteAsync(context, "application/vnd.oci.image.index.v1+json", NoReferrers);
    }

    private Task<TagsOutcome> ListAsync(HttpContext context, ImageName name) => door.MayBuild(context, name)
        ? tags.ListAsync(name, ClientKey.Of(context), context.RequestAborted)
        : tags.ListStoredAsync(name, context.RequestAborted);

    private static Task WritePageAsync(
        HttpContext context, IReadOnlyList<string> sorted, int most, string path, Func<IReadOnlyList<string>, byte[]> write)
    {
        if (ListPage.Find(sorted, context.Request.Query, most) is not { } page)
        {
            return OciErrorWriter.WriteAsync(context, OciError.BadPage("n is how many entries are wanted: a whole number, 0 or more"));
        }

        if (page.NextLink(path) is { } link)
        {
            context.Response.Headers.Link = link;
        }

        return WriteAsync(context, "application/json", write(page.Entries));
    }

    private static Task WriteAsync(HttpContext context, string mediaType, byte[] body)
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-cache";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static byte[] JsonOf<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);
}

internal sealed record TagsBody(string Name, IReadOnlyList<string> Tags);

internal sealed record CatalogBody(IReadOnlyList<string> Repositories);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TagsBody))]
[JsonSerializable(typeof(CatalogBody))]
internal sealed partial class ListJson : JsonSerializerContext;
