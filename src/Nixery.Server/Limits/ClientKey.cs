using System.Net;
using System.Net.Sockets;
using Nixery.Server.Access;

namespace Nixery.Server.Limits;

/// <summary>On whose account something is: the user where there is one, else the address.</summary>
internal static class ClientKey
{
    /// <summary>Who has one address of version 6 has all that begin with the same eight bytes.</summary>
    private const int BytesOfNetwork = 8;

    public static string Of(HttpContext context) => Of(Caller.Of(context));

    public static string Of(Caller caller) => caller.User is { } user ? $"user {user}" : Of(caller.Address);

    private static string Of(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(BytesOfNetwork).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
