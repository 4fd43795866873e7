using Nixery.Oci;
using Nixery.Server.Configuring;
using Nixery.Storage;

namespace Nixery.Server.Blobs;

/// <summary>
/// Sends clients to the bucket for a blob, where it can be and the operator wants it. Only for GET: an address is signed for one method,
/// and what HEAD asks is known here.
/// </summary>
internal sealed partial class BlobRedirects(IBlobStore blobs, StorageSettings settings, ILogger<BlobRedirects> logger)
{
    private readonly IBlobRedirector? _redirector = blobs is IBlobRedirector redirector && settings.Redirect switch
    {
        RedirectMode.On => true,
        RedirectMode.Auto => redirector.IsForClients,
        _ => false,
    } ? redirector : null;

    /// <returns>False when the blob is to be sent from here; then nothing has been written.</returns>
    public async ValueTask<bool> TryAnswerAsync(HttpContext context, Digest digest)
    {
        if (_redirector is null || !HttpMethods.IsGet(context.Request.Method) || await FindAsync(digest, context.RequestAborted) is not { } address)
        {
            return false;
        }

        // The address stays secret to who has it, and is worth nothing soon.
        context.Response.Headers.CacheControl = "private, no-store";
        context.Response.Headers["Docker-Content-Digest"] = digest.ToString();
        context.Response.Headers.Location = address.AbsoluteUri;
        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        return true;
    }

    private async ValueTask<Uri?> FindAsync(Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return await _redirector!.FindAddressAsync(digest, cancellationToken);
        }
        catch (IOException e) when (settings.Redirect == RedirectMode.Auto)
        {
            // Who may not sign may well read.
            Log.NotSigned(logger, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4040, LogLevel.Warning, "A blob is sent from here, since no address of the bucket's could be signed: {Problem}")]
        public static partial void NotSigned(ILogger logger, string problem);
    }
}
