using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using Nixery.Layers;

namespace Nixery.Tables;

/// <summary>How the reading of a table ended.</summary>
public abstract record TableReading
{
    private TableReading()
    {
    }

    public sealed record Read(HintTable Table) : TableReading;

    /// <param name="Explanation">One sentence, free of secrets.</param>
    public sealed record Failed(string Explanation) : TableReading;
}

/// <summary>
/// Reads a table from a file or from an http(s) address, plain or gzip. Who serves it is not trusted further than the configuration
/// goes: there is a limit to its size, unpacked too, and to the time that it may take.
/// </summary>
public sealed class TableReader(HttpClient http, TimeProvider time)
{
    /// <summary>A table of a hundred thousand paths has about ten million bytes.</summary>
    private const int MaxBytes = 64 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <param name="place">A path, or an address that begins with http:// or https://.</param>
    public async Task<TableReading> ReadAsync(string place, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await using var source = await OpenAsync(place, either.Token);
            return new TableReading.Read(HintTableFormat.Read(await ReadAllAsync(source, either.Token)));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return new TableReading.Failed($"the table {Name(place)} cannot be read: {Explain(e)}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TableReading.Failed($"the table {Name(place)} cannot be read: no answer within {Limit.TotalSeconds:0} s");
        }
    }

    /// <summary>Whether it is to be asked for by HTTP.</summary>
    public static bool IsAddress(string place) =>
        Uri.TryCreate(place, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    /// <summary>For people: without user, password, and what follows a question mark.</summary>
    public static string Name(string place) =>
        IsAddress(place) ? new Uri(place).GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : place;

    private async Task<Stream> OpenAsync(string place, CancellationToken cancellationToken)
    {
        if (!IsAddress(place))
        {
            return File.OpenRead(place);
        }

        var response = await http.GetAsync(new Uri(place), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.StatusCode == HttpStatusCode.OK
            ? await response.Content.ReadAsStreamAsync(cancellationToken)
            : throw new HttpRequestException($"HTTP {(int)response.StatusCode}", null, response.StatusCode);
    }

    private static async Task<byte[]> ReadAllAsync(Stream source, CancellationToken cancellationToken)
    {
        await using var plain = await GzipOrPlain.OpenAsync(source, cancellationToken);
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

    /// <summary>An <see cref="HttpRequestException"/> without a status may quote the address, with whatever secrets are in it.</summary>
    private static string Explain(Exception e) => e switch
    {
        HttpRequestException { StatusCode: { } status } => $"HTTP {(int)status}",
        HttpRequestException => "no connection",
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        _ => e.Message,
    };
}

/// <summary>What may be compressed and says so by its first two bytes.</summary>
internal static class GzipOrPlain
{
    /// <summary>The stream that is returned owns <paramref name="source"/>.</summary>
    public static async Task<Stream> OpenAsync(Stream source, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(source);
        var start = (await pipe.ReadAtLeastAsync(2, cancellationToken)).Buffer;
        var isGzip = start.Length >= 2 && start.Slice(0, 2).ToArray() is [0x1f, 0x8b];
        // Seen, and not taken.
        pipe.AdvanceTo(start.Start);
        return isGzip ? new GZipStream(pipe.AsStream(), CompressionMode.Decompress) : pipe.AsStream();
    }
}
