using System.Net;
using System.Xml;
using Amazon.Runtime;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.S3;

/// <summary>
/// Makes the calls: tries again what may pass, and says what is wrong in the store's own code, never in its whole answer, in which
/// there may be keys.
/// </summary>
internal sealed class S3Calls(string bucket, BucketRetry retry)
{
    public Task<T> RunAsync<T>(string what, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(what, call, 0, cancellationToken);

    public Task<T> RunAsync<T>(string what, Func<CancellationToken, Task<T>> call, long uploadBytes, CancellationToken cancellationToken) =>
        retry.RunAsync(token => TryAsync(what, call, token), uploadBytes, cancellationToken);

    /// <summary>Null where the store says that there is no such object.</summary>
    public Task<T?> FindAsync<T>(string what, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class => RunAsync<T?>(
            what,
            async token =>
            {
                try
                {
                    return await call(token);
                }
                catch (AmazonServiceException e) when (e is { StatusCode: HttpStatusCode.NotFound, ErrorCode: not "NoSuchBucket" })
                {
                    return null;
                }
            },
            cancellationToken);

    private async Task<T> TryAsync<T>(string what, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(cancellationToken);
        }
        catch (AmazonServiceException e) when (MayPass(e))
        {
            throw new BucketUnavailableException(Sentence(what, e));
        }
        catch (AmazonServiceException e)
        {
            throw new BucketRefusedException(Sentence(what, e));
        }
        catch (AmazonClientException e)
        {
            // No credentials, or no service that gives them: their sentences name where it was looked, not what was found.
            throw new BucketUnavailableException($"the bucket {bucket} cannot be asked to {what}: {e.Message}");
        }
        catch (XmlException)
        {
            // The SDK has a fault of its own for its answers that fail, and none for those that are none.
            throw new BucketRefusedException($"the bucket {bucket} was asked to {what} and did not answer in XML");
        }
        catch (HttpRequestException e)
        {
            throw new BucketUnavailableException($"the bucket {bucket} cannot be reached to {what}: {e.HttpRequestError}");
        }
        catch (IOException e) when (e is not (BucketUnavailableException or BucketRefusedException or FileNotFoundException))
        {
            throw new BucketUnavailableException($"the connection to the bucket {bucket} broke off on the way to {what}: {e.Message}");
        }
    }

    private static bool MayPass(AmazonServiceException e) =>
        (int)e.StatusCode >= 500 || (int)e.StatusCode is 0 or 408 or 409 or 425 or 429
        || e.ErrorCode is "SlowDown" or "RequestTimeout" or "RequestTimeTooSkewed" or "Throttling" or "ThrottlingException" or "TooManyRequests" or "IncompleteBody" or "BadDigest";

    private string Sentence(string what, AmazonServiceException e)
    {
        var code = string.IsNullOrEmpty(e.ErrorCode) ? "" : $" {e.ErrorCode}";
        var request = string.IsNullOrEmpty(e.RequestId) ? "" : $" (request {e.RequestId})";
        return $"the bucket {bucket} was asked to {what} and answered {(int)e.StatusCode}{code}{request}";
    }
}
