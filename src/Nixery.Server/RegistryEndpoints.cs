using System.Diagnostics;
using Microsoft.Net.Http.Headers;
using Nixery.Oci;
using Nixery.Pulls;
using Nixery.Pulls.Keeping;
using Nixery.Server.Access;
using Nixery.Server.Blobs;
using Nixery.Server.Errors;
using Nixery.Server.Limits;
using Nixery.Server.Sight;

namespace Nixery.Server;

/// <summary>The doors of the registry: each path below <c>/v2</c> to its answer.</summary>
internal sealed class RegistryEndpoints(
    ImagePipeline pipeline, RegistryLists lists, BlobReader blobs, BlobRedirects redirects, Doorkeeper door, ImageUses uses, RequestLog log)
{
    /// <summary>Older clients want to see it before they believe that this is a registry.</summary>
    public const string ApiVersion = "registry/2.0";

    private string CacheForever => door.IsOpen ? BlobResponse.CacheForever : BlobResponse.CacheForOne;

    /// <param name="path">As it was sent; begins with <c>/v2</c>.</param>
    public Task AnswerAsync(HttpContext context, string path)
    {
        context.Response.Headers["Docker-Distribution-API-Version"] = ApiVersion;
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return RefuseAsync(context, path, OciError.Unsupported("images are built from their names here: nothing can be pushed, changed or deleted"));
        }

        var route = RegistryRoute.Parse(path);
        Served.SetRoute(context, route);
        if (door.FindObstacle(context, route) is { } obstacle)
        {
            return RefuseAsync(context, path, obstacle);
        }

        return route switch
        {
            RegistryRoute.Ping => PingAsync(context),
            RegistryRoute.ManifestByTag manifest => PullAsync(context, manifest),
            RegistryRoute.ManifestByDigest manifest => ManifestAsync(context, manifest.Digest, CacheForever, NoManifest(manifest.Digest)),
            RegistryRoute.Blob blob => BlobAsync(context, blob.Digest),
            RegistryRoute.Tags list => lists.TagsAsync(context, list.Name),
            RegistryRoute.Referrers => RegistryLists.ReferrersAsync(context),
            RegistryRoute.Catalog => lists.CatalogAsync(context),
            RegistryRoute.Malformed malformed => RefuseAsync(context, path, malformed.Error),
            RegistryRoute.Nothing => RefuseAsync(context, path, OciError.NotFound("there is nothing at this path of the registry")),
            _ => throw new UnreachableException(),
        };
    }

    private Task RefuseAsync(HttpContext context, string path, OciError error)
    {
        log.Refused(context.Request.Method, path, error);
        return OciErrorWriter.WriteAsync(context, error);
    }

    private static Task PingAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = 2;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync("{}", context.RequestAborted);
    }

    private async Task PullAsync(HttpContext context, RegistryRoute.ManifestByTag route)
    {
        var begun = Stopwatch.GetTimestamp();
        var outcome = await (door.MayBuild(context, route.Name)
            ? pipeline.PullAsync(route.Name, route.Tag, ClientKey.Of(context), context.RequestAborted)
            : pipeline.FindStoredAsync(route.Name, route.Tag, context.RequestAborted));
        var took = Stopwatch.GetElapsedTime(begun);
        if (PullErrors.Of(outcome) is { } error)
        {
            log.PullRefused(route.Name, route.Tag, error, took);
            await OciErrorWriter.WriteAsync(context, error);
            return;
        }

        var image = (PullOutcome.Image)outcome;
        if (ManifestForm.Choose(image.Stored, context.Request.Headers.Accept) is not { } manifest)
        {
            await OciErrorWriter.WriteAsync(context, OciError.ManifestUnknown(ManifestForm.OciAlone));
            return;
        }

        log.Pulled(route.Name, route.Tag, manifest.Digest, image, took);
        // What a tag means now, and the tag that always means this.
        context.Response.Headers["Nixery-Revision"] = image.Revision;
        context.Response.Headers["Nixery-Pinned-Tag"] = image.Revision;
        await ManifestAsync(
            context, manifest.Digest, "no-cache", OciError.Unavailable("the stored manifest of this image was damaged and has been taken away; ask again, and it is made anew"));
    }

    private static OciError NoManifest(Digest digest) =>
        OciError.ManifestUnknown($"this registry has no manifest {digest}; pull the image by its name and tag to build it");

    private async Task ManifestAsync(HttpContext context, Digest digest, string cacheControl, OciError missing)
    {
        context.Response.Headers.Append(HeaderNames.Vary, "Accept");
        if (await blobs.FindAsync(digest, context.RequestAborted) is not { ManifestType: not null } manifest)
        {
            await OciErrorWriter.WriteAsync(context, missing);
            return;
        }

        uses.Note(digest);
        await BlobResponse.WriteAsync(context, manifest, cacheControl);
    }

    // A manifest is a blob too, and has its own type here: containerd remembers for ever under which type it got one.
    private async Task BlobAsync(HttpContext context, Digest digest)
    {
        if (await blobs.FindAsync(digest, context.RequestAborted) is not { } blob)
        {
            await OciErrorWriter.WriteAsync(context, OciError.BlobUnknown($"this registry has no blob {digest}; pull the image by its name and tag to build it"));
        }
        // What is in memory is sent sooner than an address.
        else if (blob is StreamedBlob && await redirects.TryAnswerAsync(context, digest))
        {
            Served.CountRedirect();
        }
        else
        {
            await BlobResponse.WriteAsync(context, blob, CacheForever);
        }
    }
}
