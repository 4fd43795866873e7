using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Caching.Memory;
using Nixery.Storage.Buckets;

namespace Nixery.Storage.Gcs;

/// <summary>
/// Signs addresses (V4, https://cloud.google.com/storage/docs/authentication/signatures). Without a key of our own a signature is a call,
/// so an address is handed out again for half of its life.
/// </summary>
internal sealed class GcsSigner(GcsOptions options, BucketOptions common, GcsCredentials credentials, BucketRetry retry) : IDisposable
{
    private const string Algorithm = "GOOG4-RSA-SHA256";
    private readonly MemoryCache _signed = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public bool IsForClients => common.PublicEndpoint is not null || options.Endpoint == GcsOptions.Google;

    /// <param name="name">With the prefix.</param>
    public async ValueTask<Uri?> SignAsync(string name, CancellationToken cancellationToken)
    {
        var now = retry.Now;
        if (_signed.TryGetValue(name, out (Uri Address, DateTimeOffset Until) known) && now < known.Until)
        {
            return known.Address;
        }

        if (await retry.RunAsync(credentials.FindSignerAsync, cancellationToken) is not { } account)
        {
            return null;
        }

        var address = await SignAsync(name, account, now, cancellationToken);
        _signed.Set(name, (address, now + (retry.UrlLifetime / 2)), new MemoryCacheEntryOptions { Size = 1 });
        return address;
    }

    public void Dispose() => _signed.Dispose();

    private async Task<Uri> SignAsync(string name, string account, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var host = common.PublicEndpoint ?? options.Endpoint;
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/auto/storage/goog4_request";
        var path = $"/{Escape(options.Bucket)}/{string.Join('/', name.Split('/').Select(Escape))}";
        // In the order of their names, as they are signed.
        var query = $"X-Goog-Algorithm={Algorithm}&X-Goog-Credential={Escape($"{account}/{scope}")}&X-Goog-Date={time}"
            + $"&X-Goog-Expires={Math.Ceiling(retry.UrlLifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)}&X-Goog-SignedHeaders=host";
        var canonical = $"GET\n{path}\n{query}\nhost:{host.Authority}\n\nhost\nUNSIGNED-PAYLOAD";
        var toSign = Encoding.UTF8.GetBytes($"{Algorithm}\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}");
        var signature = await retry.RunAsync(token => credentials.SignAsync(toSign, token), cancellationToken);
        return new Uri(host, $"{path}?{query}&X-Goog-Signature={Convert.ToHexStringLower(signature)}");
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);
}
