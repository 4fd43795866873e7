using System.Runtime.CompilerServices;

namespace Nixery.Storage.Buckets;

internal static class BucketPages
{
    /// <summary>Page after page; what is put or deleted meanwhile may be in it or not.</summary>
    public static async IAsyncEnumerable<BucketObject> ListAllAsync(
        this IBucketUpkeep bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await bucket.ListAsync(prefix, after, cancellationToken);
            foreach (var found in page.Objects)
            {
                yield return found;
            }

            after = page.Next;
        }
        while (after is not null);
    }
}
