using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Nixery.Doubles;

/// <summary>The resumable uploads of a double. https://cloud.google.com/storage/docs/performing-resumable-uploads</summary>
internal sealed class GcsSessions(GcsDouble server)
{
    private readonly ConcurrentDictionary<string, Session> _open = new(StringComparer.Ordinal);

    public int Count => _open.Count;

    public void Forget() => _open.Clear();

    public async Task BeginAsync(HttpContext context, Uri address)
    {
        var metadata = (await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted)).RootElement;
        var id = Guid.NewGuid().ToString("N");
        _open[id] = new Session(metadata.GetProperty("name").GetString()!, metadata.GetProperty("crc32c").GetString()!, server.Shelf.NewPath());
        context.Response.Headers.Location = new Uri(address, $"{context.Request.Path}?uploadType=resumable&upload_id={id}").AbsoluteUri;
    }

    public Task AnswerAsync(HttpContext context)
    {
        var id = context.Request.Query["upload_id"].ToString();
        if (!_open.TryGetValue(id, out var session))
        {
            return GcsDouble.RefuseAsync(context, 410);
        }

        if (HttpMethods.IsDelete(context.Request.Method))
        {
            _open.TryRemove(id, out _);
            context.Response.StatusCode = 499;
            return Task.CompletedTask;
        }

        return PutAsync(context, id, session);
    }

    private async Task PutAsync(HttpContext context, string id, Session session)
    {
        var range = context.Request.GetTypedHeaders().ContentRange!;
        var total = range.Length!.Value;
        await using (var file = new FileStream(session.Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            if (range.From is { } from)
            {
                var length = range.To!.Value - from + 1;
                var isLast = range.To == total - 1;
                if (from != file.Length || context.Request.ContentLength != length || (!isLast && length % (256 * 1024) != 0))
                {
                    await server.UnknownAsync(context, $"a chunk {range} where {file.Length} bytes are");
                    return;
                }

                file.Position = from;
                await context.Request.Body.CopyToAsync(file, 128 * 1024, context.RequestAborted);
                if (server.KeepOfChunk is { } kept && kept < length)
                {
                    file.SetLength(from + kept);
                }
            }

            if (file.Length < total)
            {
                context.Response.StatusCode = 308;
                if (file.Length > 0)
                {
                    context.Response.Headers.Range = string.Create(CultureInfo.InvariantCulture, $"bytes=0-{file.Length - 1}");
                }

                return;
            }
        }

        _open.TryRemove(id, out _);
        var received = await server.Shelf.ReceiveAsync(File.OpenRead(session.Path), context.RequestAborted);
        await server.TryPutAsync(context, session.Name, received, session.Crc32c);
    }

    private sealed record Session(string Name, string Crc32c, string Path);
}
