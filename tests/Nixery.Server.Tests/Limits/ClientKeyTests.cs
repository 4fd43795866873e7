using System.Net;
using Nixery.Server.Access;
using Nixery.Server.Limits;

namespace Nixery.Server.Tests.Limits;

public sealed class ClientKeyTests
{
    [Theory]
    [InlineData(null, "192.0.2.1", "192.0.2.1")]
    [InlineData(null, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData(null, "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64")]
    [InlineData("ci", "192.0.2.1", "user ci")]
    public void A_client_is_its_user_else_its_network(string? user, string address, string expected) =>
        ClientKey.Of(new Caller(user, [], IPAddress.Parse(address))).Should().Be(expected);
}
