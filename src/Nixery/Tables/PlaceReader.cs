using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;

namespace Nixery.Tables;

/// <summary>
/// Reads all of a file or of an http(s) address, plain or gzip. Who serves it is not trusted further than that: there is a limit to its
/// size, unpacked too, and to the time that it may take.
/// </summary>
internal sealed class PlaceReader(HttpClient http, TimeProvider time)
{
    /// <summary>A table of a hundred thousand paths has about ten million bytes, and so has a list of them.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <param name="what">What it is, for people: <c>table</c>.</param>
    /// <param name="place">A path, or an address that begins with http:// or https://.</param>
    /// <returns>The content, or one sentence that is free of secrets.</returns>
    public async Task<(byte[]? Content, string? Problem)> ReadAsync(string what, string place, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await using var source = await OpenAsync(place, either.Token);
            return (await ReadAllAsync(source, either.Token), null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return (null, Unreadable(what, place, Explain(e)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, Unreadable(what, place, $"no answer within {limit.TotalSeconds:0} s"));
        }
    }

    public static string Unreadable(string what, string place, string problem) => $"the {what} {TableReader.Name(place)} cannot be read: {problem}";

    private async Task<Stream> OpenAsync(string place, CancellationToken cancellationToken)
    {
        if (!TableReader.IsAddress(place))
        {
            return File.OpenRead(place);
        }

        var response = await http.GetAsync(new Uri(place), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return await response.Content.ReadAsStreamAsync(cancellationToken);
        }

        using (response)
        {
            throw new HttpRequestException($"HTTP {(int)response.StatusCode}", null, response.StatusCode);
        }
    }

    private static async Task<byte[]> ReadAllAsync(Stream source, CancellationToken cancellationToken)
    {
        await using var plain = await OpenPlainAsync(source, cancellationToken);
        using var content = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read; (read = await plain.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (content.Length + read > MaxBytes)
            {
                throw new InvalidDataException($"it is larger than {MaxBytes} bytes");
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    /// <summary>What may be compressed says so by its first two bytes. The stream that is returned owns <paramref name="source"/>.</summary>
    private static async Task<Stream> OpenPlainAsync(Stream source, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(source);
        var start = (await pipe.ReadAtLeastAsync(2, cancellationToken)).Buffer;
        var isGzip = start.Length >= 2 && start.Slice(0, 2).ToArray() is [0x1f, 0x8b];
        // Seen, and not taken.
        pipe.AdvanceTo(start.Start);
        return isGzip ? new GZipStream(pipe.AsStream(), CompressionMode.Decompress) : pipe.AsStream();
    }

    /// <summary>An <see cref="HttpRequestException"/> without a status may quote the address, with whatever secrets are in it.</summary>
    private static string Explain(Exception e) => e switch
    {
        HttpRequestException { StatusCode: { } status } => $"HTTP {(int)status}",
        HttpRequestException => "no connection",
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        _ => e.Message,
    };
}
