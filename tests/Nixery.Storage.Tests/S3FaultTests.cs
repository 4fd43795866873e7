using Nixery.Doubles;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Tests;

public sealed class S3FaultTests : BucketFaultsContract, IAsyncLifetime
{
    private S3Bench _bench = null!;

    private protected override IBlobStore Blobs => _bench.Blobs;

    private protected override IRecordStore Records => _bench.Records;

    private protected override Misbehaviour Server => _bench.Server.Misbehaviour;

    private protected override Shelf Shelf => _bench.Server.Shelf;

    public async Task InitializeAsync() => _bench = await S3Bench.StartAsync();

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Theory(Timeout = 60_000)]
    [InlineData(-26)]
    [InlineData(26)]
    public async Task A_server_whose_clock_is_wrong_is_understood(int hours)
    {
        _bench.Server.Skew = TimeSpan.FromHours(hours);

        var stored = await WriteAsync("skewed"u8.ToArray());
        (await ReadAsync(stored.Digest)).Should().Equal("skewed"u8.ToArray());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_wrong_key_is_refused_at_once_and_not_told()
    {
        await DisposeAsync();
        _bench = await S3Bench.StartAsync(new BucketBench(), options => options with { SecretKey = "wrong and secret" });

        var fault = (await FluentActions.Awaiting(() => WriteAsync("x"u8.ToArray())).Should().ThrowAsync<BucketRefusedException>()).Which;
        fault.ToString().Should().Contain("403").And.NotContain("wrong and secret");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_profile_that_was_named_wins_over_the_keys_of_the_environment()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"[registry]\naws_access_key_id = {S3Double.AccessKey}\naws_secret_access_key = {S3Double.SecretKey}\n");
        var variables = new[] { ("AWS_ACCESS_KEY_ID", "another"), ("AWS_SECRET_ACCESS_KEY", "another") };
        try
        {
            // The variable for it is read once a process.
            Amazon.AWSConfigs.AWSProfilesLocation = file;
            foreach (var (name, value) in variables)
            {
                Environment.SetEnvironmentVariable(name, value);
            }

            await DisposeAsync();
            _bench = await S3Bench.StartAsync(new BucketBench(), options => options with { AccessKey = null, SecretKey = null, Profile = "registry" });

            (await ReadAsync((await WriteAsync("kept"u8.ToArray())).Digest)).Should().Equal("kept"u8.ToArray());
        }
        finally
        {
            foreach (var (name, _) in variables)
            {
                Environment.SetEnvironmentVariable(name, null);
            }

            Amazon.AWSConfigs.AWSProfilesLocation = null;
            File.Delete(file);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_bucket_that_is_not_there_is_no_missing_blob()
    {
        await DisposeAsync();
        _bench = await S3Bench.StartAsync(new BucketBench(), options => options with { Bucket = "another" });

        await FluentActions.Awaiting(() => Blobs.OpenAsync(Oci.Digest.Of("x"u8), ByteRange.Whole, CancellationToken.None)).Should().ThrowAsync<BucketRefusedException>();
        await FluentActions.Awaiting(() => WriteAsync("x"u8.ToArray())).Should().ThrowAsync<BucketRefusedException>();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_without_conditions_lets_each_be_the_first()
    {
        _bench.Server.KnowsConditions = false;
        var key = RecordKey.Of("kind", "a");

        (await _bench.Records.TryCreateAsync(key, "1"u8.ToArray(), CancellationToken.None)).Should().BeTrue();
    }

    [Fact(Timeout = 60_000)]
    public async Task What_the_operator_wants_of_objects_is_asked_for()
    {
        await DisposeAsync();
        _bench = await S3Bench.StartAsync(
            new BucketBench(), options => options with { Encryption = "aws:kms", EncryptionKey = "key-1", StorageClass = "STANDARD_IA" });

        await WriteAsync("kept"u8.ToArray());

        _bench.Server.LastPut["x-amz-server-side-encryption"].Should().Be("aws:kms");
        _bench.Server.LastPut["x-amz-server-side-encryption-aws-kms-key-id"].Should().Be("key-1");
        _bench.Server.LastPut["x-amz-storage-class"].Should().Be("STANDARD_IA");
    }

    [Fact(Timeout = 60_000)]
    public async Task An_upload_that_a_dead_process_left_is_abandoned()
    {
        await _bench.LeaveUploadAsync("blobs/sha256/left");
        CountUploads().Should().Be(1);

        (await _bench.Bucket.AbandonUploadsAsync(TimeProvider.System.GetUtcNow().AddDays(-1), CancellationToken.None)).Should().Be(0);
        (await _bench.Bucket.AbandonUploadsAsync(TimeProvider.System.GetUtcNow().AddDays(1), CancellationToken.None)).Should().Be(1);
        CountUploads().Should().Be(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_signed_address_gives_the_blob_for_a_while_and_nothing_else()
    {
        var stored = await WriteAsync("redirected"u8.ToArray());
        var address = await ((IBlobRedirector)Blobs).FindAddressAsync(stored.Digest, CancellationToken.None);
        using var client = new HttpClient();

        (await client.GetStringAsync(address)).Should().Be("redirected");
        (await client.DeleteAsync(address)).StatusCode.Should().Be(System.Net.HttpStatusCode.Forbidden);
        (await client.GetAsync(new Uri(address!.AbsoluteUri.Replace("/blobs/", "/records/", StringComparison.Ordinal)))).StatusCode
            .Should().Be(System.Net.HttpStatusCode.Forbidden);
        _bench.Server.Skew = _bench.Common.Options.UrlLifetime + TimeSpan.FromSeconds(2);
        (await client.GetAsync(address)).StatusCode.Should().Be(System.Net.HttpStatusCode.Forbidden);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(-26)]
    [InlineData(26)]
    public async Task An_address_lives_as_long_on_a_server_whose_clock_is_wrong(int hours)
    {
        _bench.Server.Skew = TimeSpan.FromHours(hours);
        var stored = await WriteAsync("redirected"u8.ToArray());

        var address = await ((IBlobRedirector)Blobs).FindAddressAsync(stored.Digest, CancellationToken.None);

        using var client = new HttpClient();
        (await client.GetStringAsync(address)).Should().Be("redirected");
        _bench.Server.Skew += _bench.Common.Options.UrlLifetime + TimeSpan.FromSeconds(2);
        (await client.GetAsync(address)).StatusCode.Should().Be(System.Net.HttpStatusCode.Forbidden);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_address_for_clients_is_signed_for_the_name_that_they_use()
    {
        await DisposeAsync();
        _bench = await S3Bench.StartAsync(new BucketBench(TimeSpan.Zero, new Uri("https://images.example.com:8443")), options => options);

        var address = await ((IBlobRedirector)Blobs).FindAddressAsync(Oci.Digest.Of("x"u8), CancellationToken.None);

        address!.GetLeftPart(UriPartial.Authority).Should().Be("https://images.example.com:8443");
        ((IBlobRedirector)Blobs).IsForClients.Should().BeTrue();
    }

    private protected override int CountUploads() => _bench.Server.UnfinishedUploads;

    private protected override async Task RestartAsync(TimeSpan patience)
    {
        await DisposeAsync();
        _bench = await S3Bench.StartAsync(new BucketBench(patience), options => options);
    }
}
