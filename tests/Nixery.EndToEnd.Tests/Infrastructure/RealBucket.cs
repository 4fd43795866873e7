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

    /// <summary>For each server that is to share it; credentials by the SDK's own variables.</summary>
    public static async Task<Dictionary<string, string?>> CreateAsync()
    {
        var address = System.Environment.GetEnvironmentVariable(Address)
            ?? throw new InvalidOperationException($"{Address} names no server; scripts/test starts one and sets it");
        var config = new AmazonS3Config { ServiceURL = address, ForcePathStyle = true, AuthenticationRegion = "us-east-1" };
        using var client = new AmazonS3Client(new BasicAWSCredentials(AccessKey, SecretKey), config);
        await client.PutBucketAsync(Bucket);
        return new()
        {
            ["NIXERY_STORAGE_BACKEND"] = "s3",
            ["S3_BUCKET"] = Bucket,
            ["Nixery__Storage__S3__Prefix"] = $"{Guid.NewGuid():N}/",
            ["Nixery__Storage__S3__Endpoint"] = address,
            ["Nixery__Storage__Redirect"] = "on",
            ["AWS_ACCESS_KEY_ID"] = AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = SecretKey,
        };
    }
}
