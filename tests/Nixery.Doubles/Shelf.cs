using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Nixery.Doubles;

/// <summary>An object of a double: a file, and what is said of it.</summary>
public sealed record ShelfObject(string Path, long SizeBytes, string Sha256, string Md5, DateTimeOffset Modified)
{
    public string Tag => $"\"{Md5}\"";
}

/// <summary>The objects of a double, in files, so that large ones are not in the memory of the tests.</summary>
public sealed class Shelf : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nixery-double-").FullName;

    public ConcurrentDictionary<string, ShelfObject> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>What each object's name must be, given its SHA-256; for what is named by its content.</summary>
    public IEnumerable<string> NamedWrongly(string folder) =>
        Objects.Where(o => o.Key.Contains(folder, StringComparison.Ordinal) && !o.Key.EndsWith(o.Value.Sha256, StringComparison.Ordinal)).Select(o => o.Key);

    /// <summary>Changes a byte of the object, as a bad medium does.</summary>
    public void Damage(string name)
    {
        using var file = new FileStream(Objects[name].Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = file.Length / 2;
        var value = file.ReadByte();
        file.Position = file.Length / 2;
        file.WriteByte((byte)~value);
    }

    public string NewPath() => Path.Combine(_folder, Guid.NewGuid().ToString("N"));

    /// <summary>Reads a body into a file.</summary>
    public async Task<ShelfObject> ReceiveAsync(Stream body, CancellationToken cancellationToken) => await ReceiveAsync([body], cancellationToken);

    public async Task<ShelfObject> ReceiveAsync(IEnumerable<Stream> bodies, CancellationToken cancellationToken)
    {
        var path = NewPath();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Not to be safe: it is what the protocols have.
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (var body in bodies)
        {
            await using (body)
            {
                while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
                {
                    hash.AppendData(buffer, 0, read);
                    md5.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return new ShelfObject(path, file.Length, Convert.ToHexStringLower(hash.GetHashAndReset()), Convert.ToHexStringLower(md5.GetHashAndReset()), TimeProvider.System.GetUtcNow());
    }

    /// <summary>The beginning of an object, as another one.</summary>
    internal async Task<ShelfObject> CutAsync(ShelfObject whole, int length, CancellationToken cancellationToken)
    {
        var content = new byte[length];
        await using var file = File.OpenRead(whole.Path);
        await file.ReadExactlyAsync(content, cancellationToken);
        return await ReceiveAsync(new MemoryStream(content), cancellationToken);
    }

    /// <summary>Answers with the object or the one range that was asked for; may break off.</summary>
    internal static async Task SendAsync(HttpContext context, ShelfObject found, Misbehaviour misbehaviour)
    {
        var (from, to) = (0L, found.SizeBytes - 1);
        var range = context.Request.GetTypedHeaders().Range?.Ranges.Single();
        if (range is not null)
        {
            from = range.From!.Value;
            to = Math.Min(range.To ?? to, to);
            if (from > to)
            {
                context.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                return;
            }

            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {from}-{to}/{found.SizeBytes}";
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = to - from + 1;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var kept = misbehaviour.Keep(to - from + 1);
        await context.Response.SendFileAsync(found.Path, from, kept, context.RequestAborted);
        if (kept < to - from + 1)
        {
            // What was sent is on its way before the connection ends.
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
