using System.Net;

namespace Nixery.Server.Pages;

/// <summary><c>/</c>: a short page that says what this is.</summary>
internal static class FrontPage
{
    public static Task AnswerAsync(HttpContext context)
    {
        var host = WebUtility.HtmlEncode(context.Request.Host.Value ?? "localhost");
        var page = $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Nixery</title>
            <style>
              body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
              pre { background: #8882; padding: 1rem; overflow-x: auto }
              :root { color-scheme: light dark }
            </style>
            <h1>Nixery</h1>
            <p>A container registry where the name of an image is the list of its packages. Ask for any, in any order; it is put
            together when you pull it.</p>
            <pre>docker run -ti --rm {{host}}/shell/git/htop
            kubectl debug -ti POD --image={{host}}/shell/curl</pre>
            <p><code>shell</code> brings bash and coreutils, <code>posix</code> what scripts expect, <code>debug</code> tools for
            incidents, <code>arm64</code> images for ARM.</p>
            </html>
            """;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(page, context.RequestAborted);
    }
}
