using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Nixery.Storage.S3;

/// <summary>Which bucket, where, and as whom. Without key pair and profile the SDK looks for credentials as its tools do.</summary>
public sealed record S3Options
{
    public const string DefaultRegion = "us-east-1";

    public string Bucket { get; init; } = "";

    /// <summary>Before the name of each object, as <c>nixery/</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>A server that is not Amazon's; null for Amazon's own of the region.</summary>
    public Uri? Endpoint { get; init; }

    public string Region { get; init; } = DefaultRegion;

    /// <summary>Whether the bucket is in the path and not in the host's name; null for: where there is an endpoint.</summary>
    public bool? PathStyle { get; init; }

    public string? AccessKey { get; init; }

    public string? SecretKey { get; init; }

    /// <summary>Of temporary credentials.</summary>
    public string? SessionToken { get; init; }

    /// <summary>A profile of the shared credentials file.</summary>
    public string? Profile { get; init; }

    /// <summary>A PEM file with the only authorities that are believed.</summary>
    public string? CaFile { get; init; }

    /// <summary>Encryption by the store: <c>AES256</c> or <c>aws:kms</c>; null leaves it to the bucket.</summary>
    public string? Encryption { get; init; }

    /// <summary>Which key, with <c>aws:kms</c>.</summary>
    public string? EncryptionKey { get; init; }

    /// <summary>As <c>STANDARD_IA</c>; null leaves it to the bucket.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Every problem there is, each with the name of its setting below <paramref name="room"/>.</summary>
    public IEnumerable<string> Problems(string room)
    {
        if (Bucket.Length == 0)
        {
            yield return $"{room}:Bucket (S3_BUCKET) names the bucket, and may not be empty";
        }

        if (Endpoint is { } endpoint && (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https") || endpoint.AbsolutePath != "/" || endpoint.UserInfo.Length > 0))
        {
            yield return $"{room}:Endpoint is an address as https://s3.example.com, without a path or a user";
        }

        if ((AccessKey is null) != (SecretKey is null) || (SessionToken is not null && AccessKey is null))
        {
            yield return $"{room}:AccessKey and {room}:SecretKey come together, {room}:SessionToken with them";
        }

        if (AccessKey is not null && Profile is not null)
        {
            yield return $"{room}:AccessKey and {room}:Profile exclude one another";
        }

        if (AccessKey?.Length == 0 || SecretKey?.Length == 0)
        {
            yield return $"{room}:AccessKey and {room}:SecretKey are not empty; leave them out for the credentials that the SDK finds";
        }

        if (CaFile is not null && FindCaProblem(CaFile) is { } caProblem)
        {
            yield return $"{room}:CaFile is '{CaFile}', and {caProblem}";
        }

        if (Encryption is not (null or "AES256" or "aws:kms" or "aws:kms:dsse"))
        {
            yield return $"{room}:Encryption is '{Encryption}'; it is AES256, aws:kms or aws:kms:dsse";
        }

        if (EncryptionKey is not null && Encryption is null or "AES256")
        {
            yield return $"{room}:EncryptionKey goes with {room}:Encryption=aws:kms";
        }

        if (Prefix.StartsWith('/') || Prefix.Contains("//", StringComparison.Ordinal))
        {
            yield return $"{room}:Prefix is '{Prefix}'; it is as nixery/, without a slash before it or two in a row";
        }
    }

    private static string? FindCaProblem(string path)
    {
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPemFile(path);
            return authorities.Count > 0 ? null : "there is no certificate in it";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "there is no such file";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return "it cannot be read as certificates in PEM";
        }
    }
}
