namespace Nixery.Server.Errors;

/// <summary>
/// An answer that is no success: HTTP status, one of the codes of the distribution specification, and a sentence for
/// the person in front of the client.
/// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
/// </summary>
/// <param name="RetryAfter">For an answer that changes by itself.</param>
internal sealed record OciError(int Status, string Code, string Message, TimeSpan? RetryAfter = null)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    public static OciError NameInvalid(string message) => new(StatusCodes.Status400BadRequest, "NAME_INVALID", message);

    public static OciError DigestInvalid(string message) => new(StatusCodes.Status400BadRequest, "DIGEST_INVALID", message);

    public static OciError ManifestUnknown(string message) => new(StatusCodes.Status404NotFound, "MANIFEST_UNKNOWN", message);

    public static OciError BlobUnknown(string message) => new(StatusCodes.Status404NotFound, "BLOB_UNKNOWN", message);

    public static OciError NotFound(string message) => new(StatusCodes.Status404NotFound, "NAME_UNKNOWN", message);

    public static OciError Denied(string message) => new(StatusCodes.Status403Forbidden, "DENIED", message);

    public static OciError Unsupported(string message) => new(StatusCodes.Status405MethodNotAllowed, "UNSUPPORTED", message);

    public static OciError RangeNotSatisfiable(string message) =>
        new(StatusCodes.Status416RangeNotSatisfiable, "UNSUPPORTED", message);

    public static OciError BadPage(string message) => new(StatusCodes.Status400BadRequest, "UNSUPPORTED", message);

    /// <summary>A request that is no request. Its own words are kept back: they quote what was sent.</summary>
    public static OciError OfRejection(BadHttpRequestException rejection) => rejection.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new(rejection.StatusCode, "UNSUPPORTED", "the request did not arrive in time"),
        StatusCodes.Status413PayloadTooLarge => new(rejection.StatusCode, "UNSUPPORTED", "the body of the request is too large"),
        StatusCodes.Status414UriTooLong => new(rejection.StatusCode, "NAME_INVALID", "the path of the request is too long"),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new(rejection.StatusCode, "UNSUPPORTED", "the headers of the request are too large"),
        // What a client did wrong is never a fault of the server, not even a version of HTTP that there is not.
        StatusCodes.Status505HttpVersionNotsupported => new(
            StatusCodes.Status400BadRequest, "UNSUPPORTED", "this registry speaks HTTP/1.1, and HTTP/2 where there is TLS"),
        < 500 => new(rejection.StatusCode, "UNSUPPORTED", "the request is malformed"),
        _ => new(StatusCodes.Status400BadRequest, "UNSUPPORTED", "the request is malformed"),
    };

    public static OciError TooManyRequests(string message) => TooManyRequests(message, Soon);

    /// <param name="freeIn">When asking again is worth it.</param>
    public static OciError TooManyRequests(string message, TimeSpan freeIn) =>
        new(StatusCodes.Status429TooManyRequests, "TOOMANYREQUESTS", message, freeIn);

    public static OciError Unavailable(string message) =>
        new(StatusCodes.Status503ServiceUnavailable, "UNKNOWN", message, Soon);

    public static OciError Bug(string traceId) => new(
        StatusCodes.Status500InternalServerError,
        "UNKNOWN",
        $"this is a fault of the registry; its log has the details under {traceId}");
}
