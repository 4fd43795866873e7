using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Gcs;

/// <summary>Makes the calls: with a token, trying again what may pass; what is wrong is said by the status alone.</summary>
internal sealed class GcsCalls(HttpClient http, GcsCredentials credentials, string bucket, BucketRetry retry)
{
    /// <summary>https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload</summary>
    public const HttpStatusCode ResumeIncomplete = (HttpStatusCode)308;

    public BucketRetry Retry => retry;

    /// <param name="create">Makes the request, anew for each attempt.</param>
    /// <param name="expected">Statuses besides success that the caller deals with.</param>
    /// <returns>To be disposed by the caller; its body has not been read.</returns>
    public Task<HttpResponseMessage> SendAsync(
        string what, Func<HttpRequestMessage> create, HttpStatusCode[] expected, CancellationToken cancellationToken) =>
        retry.RunAsync(token => TryAsync(what, create, expected, token), cancellationToken);

    /// <summary>One attempt, for those who try again in their own way.</summary>
    public async Task<HttpResponseMessage> TryAsync(
        string what, Func<HttpRequestMessage> create, HttpStatusCode[] expected, CancellationToken cancellationToken)
    {
        using var request = create();
        if (await credentials.FindTokenAsync(cancellationToken) is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new BucketUnavailableException($"the bucket {bucket} cannot be reached to {what}: {e.HttpRequestError}");
        }

        if (answer.IsSuccessStatusCode || expected.Contains(answer.StatusCode))
        {
            return answer;
        }

        var status = (int)answer.StatusCode;
        answer.Dispose();
        var sentence = $"the bucket {bucket} was asked to {what} and answered {status}";
        throw status is >= 500 or 408 or 429 ? new BucketUnavailableException(sentence) : new BucketRefusedException(sentence);
    }

    public Task<T> ReadAsync<T>(string what, HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => GuardAsync(what, async () =>
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken)
                ?? throw new BucketRefusedException($"the bucket {bucket} was asked to {what} and answered nothing");
        });

    private async Task<T> GuardAsync<T>(string what, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (JsonException)
        {
            throw new BucketRefusedException($"the bucket {bucket} was asked to {what} and did not answer in the JSON that it has for that");
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            throw new BucketUnavailableException($"the bucket {bucket} broke off its answer on the way to {what}");
        }
    }
}
