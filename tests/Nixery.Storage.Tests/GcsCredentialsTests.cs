using Google.Apis.Auth.OAuth2;
using Nixery.Storage.Gcs;

namespace Nixery.Storage.Tests;

public sealed class GcsCredentialsTests
{
    [Fact(Timeout = 60_000)]
    public async Task They_are_read_once_and_again_when_their_file_was_replaced()
    {
        var read = 0;
        var credentials = new GcsCredentials(
            new GcsOptions { Bucket = "b", CredentialsFile = "/run/secrets/gcs.json" },
            _ => Task.FromResult(GoogleCredential.FromAccessToken($"token {++read}")));

        (await credentials.FindTokenAsync(CancellationToken.None)).Should().Be("token 1");
        (await credentials.FindTokenAsync(CancellationToken.None)).Should().Be("token 1");

        credentials.Forget();

        (await credentials.FindTokenAsync(CancellationToken.None)).Should().Be("token 2");
    }
}
