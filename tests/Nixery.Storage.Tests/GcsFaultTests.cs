using System.Net;
using System.Security.Cryptography;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using Nixery.Doubles;
using Nixery.Storage.Buckets;
using Nixery.Storage.Gcs;

namespace Nixery.Storage.Tests;

public sealed class GcsFaultTests : BucketFaultsContract, IAsyncLifetime
{
    private GcsBench _bench = null!;

    private protected override IBlobStore Blobs => _bench.Blobs;

    private protected override IRecordStore Records => _bench.Records;

    private protected override Misbehaviour Server => _bench.Server.Misbehaviour;

    private protected override Shelf Shelf => _bench.Server.Shelf;

    private const string MetadataHost = "GCE_METADATA_HOST";

    public async Task InitializeAsync() => _bench = await GcsBench.StartAsync();

    public async Task DisposeAsync()
    {
        Environment.SetEnvironmentVariable(MetadataHost, null);
        await _bench.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Chunks_of_which_the_server_keeps_a_part_are_gone_on_with()
    {
        _bench.Server.KeepOfChunk = 5 * 256 * 1024;
        var content = RandomNumberGenerator.GetBytes(40_000_000);

        var stored = await WriteAsync(content);

        (await ReadAsync(stored.Digest)).Should().Equal(content);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1000)]
    [InlineData(20_000_000)]
    public async Task What_a_server_has_kept_a_part_of_is_refused_and_is_not_there(int length)
    {
        _bench.Server.KeepOfObject = length - 1;
        var content = RandomNumberGenerator.GetBytes(length);

        await FluentActions.Awaiting(() => WriteAsync(content)).Should().ThrowAsync<BucketRefusedException>();

        (await Blobs.FindSizeAsync(Oci.Digest.Of(content), CancellationToken.None)).Should().BeNull();
        CountUploads().Should().Be(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_session_that_the_server_forgets_is_begun_anew()
    {
        var content = RandomNumberGenerator.GetBytes(40_000_000);
        await using var writer = await Blobs.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync(content);
        Server.Delay = TimeSpan.FromMilliseconds(50);
        var commit = writer.CommitAsync(CancellationToken.None);
        while (_bench.Server.UnfinishedUploads == 0)
        {
            await Task.Yield();
        }

        _bench.Server.ForgetUploads();

        (await ReadAsync((await commit).Digest)).Should().Equal(content);
        CountUploads().Should().Be(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_bucket_that_is_not_there_is_a_fault_when_it_is_written()
    {
        await DisposeAsync();
        _bench = await GcsBench.StartAsync(new BucketBench(), (_, options) => new GcsCredentials(options), options => options with { Bucket = "another" });

        await FluentActions.Awaiting(() => WriteAsync("x"u8.ToArray())).Should().ThrowAsync<BucketRefusedException>();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_signed_address_gives_the_blob_for_a_while_and_nothing_else()
    {
        var stored = await WriteAsync("redirected"u8.ToArray());
        await SignedAddressWorksAsync(stored);
        _bench.Server.SignedByIam.Should().Be(0, "it is signed by the key");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_machine_without_a_key_has_its_tokens_and_signs_by_IAM_once_for_an_address()
    {
        await BecomeMachineAsync();
        var stored = await WriteAsync("redirected"u8.ToArray());

        await SignedAddressWorksAsync(stored);
        await SignedAddressWorksAsync(stored, again: true);
        _bench.Server.SignedByIam.Should().Be(1, "a signature is a call there");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_machine_that_may_not_sign_is_refused_at_once_as_by_the_bucket()
    {
        await BecomeMachineAsync();
        _bench.Server.MaySign = false;
        var before = _bench.Server.Misbehaviour.Requests;

        (await FluentActions.Awaiting(() => _bench.Blobs.FindAddressAsync(Oci.Digest.Of("x"u8), CancellationToken.None).AsTask())
            .Should().ThrowAsync<BucketRefusedException>()).Which.Message.Should().Contain("403");
        (_bench.Server.Misbehaviour.Requests - before).Should().BeLessThan(10, "waiting changes no rights");
    }

    [Theory(Timeout = 60_000)]
    [InlineData("""{"type":"external_account","audience":"//iam.googleapis.com/x","subject_token_type":"urn:ietf:params:oauth:token-type:jwt","token_url":"http://127.0.0.1:1/v1/token","credential_source":{"file":"/no/such/token"}}""")]
    [InlineData("""{"type":"service_account","client_email":"a","private_key":"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}""")]
    [InlineData("""{"type":"service_account"}""")]
    [InlineData("[]")]
    public async Task Credentials_that_are_none_are_a_fault_of_the_medium(string file)
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, file);
        var credentials = new GcsCredentials(new GcsOptions { Bucket = GcsDouble.Bucket, CredentialsFile = path });

        await FluentActions.Awaiting(() => credentials.FindTokenAsync(CancellationToken.None)).Should().ThrowAsync<BucketRefusedException>();
        File.Delete(path);
    }

    private protected override int CountUploads() => _bench.Server.UnfinishedUploads;

    private protected override async Task RestartAsync(TimeSpan patience)
    {
        await DisposeAsync();
        _bench = await GcsBench.StartAsync(new BucketBench(patience), (_, options) => new GcsCredentials(options));
    }

    private async Task BecomeMachineAsync()
    {
        await DisposeAsync();
        _bench = await GcsBench.StartAsync(new BucketBench(), (server, options) =>
        {
            // Read by the library wherever it asks the metadata server, of which not all goes by the factory.
            Environment.SetEnvironmentVariable(MetadataHost, server.Address.Authority);
            var machine = new ComputeCredential(new ComputeCredential.Initializer { HttpClientFactory = new Rerouting(server.Address) });
            return new GcsCredentials(options, _ => Task.FromResult(GoogleCredential.FromComputeCredential(machine)));
        });
    }

    private async Task SignedAddressWorksAsync(StoredBlob stored, bool again = false)
    {
        _bench.Server.Skew = TimeSpan.Zero;
        var address = await _bench.Blobs.FindAddressAsync(stored.Digest, CancellationToken.None);
        using var client = new HttpClient();
        (await client.GetStringAsync(address)).Should().Be("redirected", $"{again}");
        (await client.DeleteAsync(address)).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        (await client.GetAsync(new Uri(address!.AbsoluteUri.Replace("/blobs/", "/records/", StringComparison.Ordinal)))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        _bench.Server.Skew = _bench.Common.Options.UrlLifetime + TimeSpan.FromSeconds(2);
        (await client.GetAsync(address)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    /// <summary>Google's own hosts, as the double has them.</summary>
    private sealed class Rerouting(Uri server) : Google.Apis.Http.HttpClientFactory
    {
        protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => new Handler(server) { InnerHandler = base.CreateHandler(args) };

        private sealed class Handler(Uri server) : DelegatingHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                request.RequestUri = new Uri(server, request.RequestUri!.PathAndQuery);
                return base.SendAsync(request, cancellationToken);
            }
        }
    }
}
