using System.Net.Http.Headers;

namespace Nixery.Storage.Tests;

/// <summary>What clients may expect of an address that they are sent to.</summary>
public abstract class RedirectContract
{
    private protected abstract IBlobStore Store { get; }

    [Fact(Timeout = 60_000)]
    public async Task A_signed_address_gives_the_blob_and_its_ranges()
    {
        var store = Store;
        await using var writer = await store.CreateAsync(CancellationToken.None);
        await writer.Content.WriteAsync("redirected"u8.ToArray());
        var stored = await writer.CommitAsync(CancellationToken.None);

        var address = await ((IBlobRedirector)store).FindAddressAsync(stored.Digest, CancellationToken.None);

        using var client = new HttpClient();
        (await client.GetStringAsync(address)).Should().Be("redirected");
        client.DefaultRequestHeaders.Range = new RangeHeaderValue(2, 4);
        (await client.GetStringAsync(address)).Should().Be("dir");
    }
}
