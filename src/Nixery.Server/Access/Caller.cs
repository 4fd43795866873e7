using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace Nixery.Server.Access;

/// <summary>Who asks: known from the front door on, for as long as the request lasts.</summary>
/// <param name="User">Null for whoever did not say, and need not.</param>
/// <param name="Groups">That the user is in; empty for anonymous.</param>
/// <param name="Address">
/// Of the client itself where a proxy that is trusted tells it, else of whoever opened the connection; IPv4 in its own form.
/// <see cref="IPAddress.None"/> over a Unix socket, which has no addresses.
/// </param>
internal sealed record Caller(string? User, IReadOnlyList<string> Groups, IPAddress Address)
{
    /// <exception cref="InvalidOperationException">Nobody has looked who it is: a door stands before the front door.</exception>
    public static Caller Of(HttpContext context) => context.Features.GetRequiredFeature<Caller>();

    /// <summary>Before anybody has said who they are.</summary>
    public static Caller AnonymousFrom(HttpContext context) => new(null, [], AddressOf(context));

    private static IPAddress AddressOf(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => IPAddress.None,
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4(),
        var address => address,
    };
}
