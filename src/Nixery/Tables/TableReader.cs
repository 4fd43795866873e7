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

/// <summary>Reads a table from a file or from an http(s) address, plain or gzip.</summary>
public sealed class TableReader(HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly PlaceReader _places = new(http, time);

    /// <param name="place">A path, or an address that begins with http:// or https://.</param>
    public async Task<TableReading> ReadAsync(string place, CancellationToken cancellationToken)
    {
        var (content, problem) = await _places.ReadAsync("table", place, Limit, cancellationToken);
        try
        {
            return content is null ? new TableReading.Failed(problem!) : new TableReading.Read(HintTableFormat.Read(content));
        }
        catch (InvalidDataException e)
        {
            return new TableReading.Failed(PlaceReader.Unreadable("table", place, e.Message));
        }
    }

    /// <summary>Whether it is to be asked for by HTTP.</summary>
    public static bool IsAddress(string place) =>
        Uri.TryCreate(place, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    /// <summary>For people: without user, password, and what follows a question mark.</summary>
    public static string Name(string place) =>
        IsAddress(place) ? new Uri(place).GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : place;
}
