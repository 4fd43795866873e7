namespace Nixery.Storage.Gcs;

/// <summary>Which bucket, and as whom. Without a file the application default credentials of the machine are taken.</summary>
public sealed record GcsOptions
{
    public static readonly Uri Google = new("https://storage.googleapis.com/");

    public string Bucket { get; init; } = "";

    /// <summary>Before the name of each object, as <c>nixery/</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>A server that is not Google's. Over http it is asked without credentials, unless there is a file of them.</summary>
    public Uri Endpoint { get; init; } = Google;

    /// <summary>A key of a service account, or a configuration of workload identity; null for what the machine has.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>The service account that signs addresses, where the credentials are of none or have no right to sign.</summary>
    public string? SigningAccount { get; init; }

    /// <summary>As <c>NEARLINE</c>; null leaves it to the bucket.</summary>
    public string? StorageClass { get; init; }

    /// <summary>The address of the list of objects.</summary>
    internal string Objects => new Uri(Endpoint, $"storage/v1/b/{Uri.EscapeDataString(Bucket)}/o").AbsoluteUri;

    /// <summary>
    /// Whether what this address names may be told the token: the endpoint, and where that is one of Google's any of Google's, of which one
    /// sends on to another (https://cloud.google.com/storage/docs/request-endpoints).
    /// </summary>
    internal bool Trusts(Uri address) => address.Scheme == Endpoint.Scheme && address.Port == Endpoint.Port
        && (address.Host == Endpoint.Host || (IsOfGoogle(address) && IsOfGoogle(Endpoint)));

    private static bool IsOfGoogle(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps && address.Host.EndsWith(".googleapis.com", StringComparison.Ordinal);

    /// <summary>Every problem there is, each with the name of its setting below <paramref name="room"/>.</summary>
    public IEnumerable<string> Problems(string room)
    {
        if (Bucket.Length == 0)
        {
            yield return $"{room}:Bucket (GCS_BUCKET) names the bucket, and may not be empty";
        }

        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https") || Endpoint.AbsolutePath != "/" || Endpoint.UserInfo.Length > 0)
        {
            yield return $"{room}:Endpoint is an address as {Google}, without a path or a user";
        }

        if (CredentialsFile is not null && !File.Exists(CredentialsFile))
        {
            yield return $"{room}:CredentialsFile (GOOGLE_APPLICATION_CREDENTIALS) is '{CredentialsFile}', and there is no such file";
        }

        if (Prefix.StartsWith('/') || Prefix.Contains("//", StringComparison.Ordinal))
        {
            yield return $"{room}:Prefix is '{Prefix}'; it is as nixery/, without a slash before it or two in a row";
        }
    }

    /// <param name="name">With the prefix.</param>
    internal string AddressOf(string name) => $"{Objects}/{Uri.EscapeDataString(name)}";
}
