using Amazon.Runtime;
using Amazon.S3;

namespace Nixery.EndToEnd.Infrastructure;

/// <summary>A prefix of its own in a bucket of the S3 server that scripts/test starts (tests/servers/ceph-rgw).</summary>
internal static class RealBucket
{
    private const string Address = "NIXERY_TEST_S3";
    private const string Bucket = "nixery-end-to-end";
    private const string AccessKey = "NIXERYTEST";
    private const string SecretKey = "nixery-test-secret";

    /// <summary>Where that server is.</summary>
    public static Uri Server => new(Find());

    /// <summary>For each server that is to share it; credentials by the SDK's own variables.</summary>
    public static async Task<Dictionary<string, string?>> CreateAsync()
    {
        using var client = CreateClient();
        await client.PutBucketAsync(Bucket);
        return new()
        {
            ["NIXERY_STORAGE_BACKEND"] = "s3",
            ["S3_BUCKET"] = Bucket,
            ["Nixery__Storage__S3__Prefix"] = $"{Guid.NewGuid():N}/",
            ["Nixery__Storage__S3__Endpoint"] = Find(),
            ["Nixery__Storage__Redirect"] = "on",
            ["AWS_ACCESS_KEY_ID"] = AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = SecretKey,
        };
    }
    /// <summary>As if a minute had passed since the servers of that prefix were killed.</summary>
    public static async Task EndLeasesAsync(Dictionary<string, string?> bucket)
    {
        using var client = CreateClient();
        var leases = await client.ListObjectsV2Async(new() { BucketName = Bucket, Prefix = $"{bucket["Nixery__Storage__S3__Prefix"]}records/lease/" });
        foreach (var lease in leases.S3Objects ?? [])
        {
            await client.DeleteObjectAsync(Bucket, lease.Key);
        }
    }

    private static AmazonS3Client CreateClient() => new(
        new BasicAWSCredentials(AccessKey, SecretKey),
        new AmazonS3Config { ServiceURL = Find(), ForcePathStyle = true, AuthenticationRegion = "us-east-1" });

    private static string Find() => System.Environment.GetEnvironmentVariable(Address)
        ?? throw new InvalidOperationException($"{Address} names no server; scripts/test starts one and sets it");
}
