using Microsoft.AspNetCore.Http.Features;

namespace Nixery.Server;

/// <summary>
/// The path as the client sent it. ASP.NET decodes escapes and resolves dot segments before a route sees them; a registry
/// must judge the very bytes, or <c>/v2/a/%2e%2e/b</c> would be somebody else's name.
/// </summary>
internal static class RawPath
{
    public static string Of(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.AsSpan();
        // A proxy may send the absolute form: http://host/path
        var scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme > 0 && path[..scheme].IndexOfAny('/', '?') < 0)
        {
            path = path[(scheme + 3)..];
            var slash = path.IndexOf('/');
            path = slash < 0 ? "/" : path[slash..];
        }

        var query = path.IndexOf('?');
        return (query < 0 ? path : path[..query]).ToString();
    }

    public static bool IsRegistry(string path) =>
        path == "/v2" || path.StartsWith("/v2/", StringComparison.Ordinal);
}
