namespace Nixery.Server;

/// <summary>How the front door listens.</summary>
internal sealed record HttpOptions
{
    public const int DefaultPort = 8080;

    /// <summary>On all addresses of the machine, unless ASP.NET's own <c>urls</c> say otherwise. 0 takes any free port.</summary>
    public int Port { get; init; } = DefaultPort;
}
