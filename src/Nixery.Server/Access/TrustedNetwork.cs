using System.Net;

namespace Nixery.Server.Access;

/// <summary>A network as <c>10.0.0.0/8</c>, or one address.</summary>
internal static class TrustedNetwork
{
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (!text.Contains('/', StringComparison.Ordinal) && IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    /// <exception cref="FormatException">It is none.</exception>
    public static IPNetwork Parse(string text) => TryParse(text, out var network) ? network : throw new FormatException($"'{text}' is no network");
}
