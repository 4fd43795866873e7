using Nixery.Server.Tls;

namespace Nixery.Server.Configuring;

/// <summary>How the front door listens.</summary>
internal sealed record HttpOptions
{
    public const int DefaultPort = 8080;

    /// <summary>On all addresses of the machine, unless ASP.NET's own <c>urls</c> say otherwise. 0 takes any free port.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Who may speak plain HTTP at <see cref="Port"/>.</summary>
    public PlainListening Listen { get; init; } = PlainListening.Auto;

    /// <summary>How many connections there may be at a time, of all clients; 0 for any number.</summary>
    public int MostConnections { get; init; }

    /// <summary>A client that takes or sends less in a second is cut off, after five seconds; 0 waits for ever.</summary>
    public int SlowestBytesPerSecond { get; init; } = 240;

    /// <summary>Whether <c>/v2/_catalog</c> lists the images that are stored: anybody who can pull sees what others have asked for.</summary>
    public bool Catalog { get; init; }

    /// <summary>
    /// The origins whose pages in a browser may read from this registry, such as <c>https://ui.example.com</c>, or <c>*</c> for any.
    /// </summary>
    public IReadOnlyList<string> AllowOrigins { get; init; } = [];

    /// <summary>What is wrong with an origin, or null.</summary>
    public static string? ProblemOf(string origin) =>
        origin == "*" || (Uri.TryCreate(origin, UriKind.Absolute, out var address) && address.GetLeftPart(UriPartial.Authority) == origin)
            ? null
            : $"Nixery:Http:AllowOrigins has '{origin}'; an origin is as https://ui.example.com: in lower case, without path or '/' at the end, and without the port where it is the usual one; or it is '*'";
}
