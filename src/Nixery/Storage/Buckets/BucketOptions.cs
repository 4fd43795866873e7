namespace Nixery.Storage.Buckets;

/// <summary>What all buckets have in common.</summary>
/// <param name="SpoolPath">A folder for blobs until they are uploaded, whole: a bucket wants to know length and digest first.</param>
/// <param name="Patience">How long a call is tried again while the store cannot be used.</param>
/// <param name="RequestTimeout">The longest that the store may take to begin an answer, or to go on with one.</param>
/// <param name="UrlLifetime">How long a client may use an address that it was sent to.</param>
/// <param name="PublicEndpoint">What the clients call the store, where that is not what this server calls it.</param>
public sealed record BucketOptions(string SpoolPath, TimeSpan Patience, TimeSpan RequestTimeout, TimeSpan UrlLifetime, Uri? PublicEndpoint);
