using System.Globalization;
using System.Net;

namespace Nixery.Storage.Buckets;

/// <summary>What a store says of the part of an object that it sends (https://www.rfc-editor.org/rfc/rfc9110#section-14.4).</summary>
public static class SentRange
{
    /// <summary>Whether these are the bytes that were asked for, or the first of them: others would be taken for them.</summary>
    /// <param name="contentRange">As <c>bytes 0-99/1234</c>; null where it said nothing.</param>
    /// <param name="lengthBytes">Of the answer; null where it said nothing.</param>
    public static bool IsAsAsked(ByteRange asked, HttpStatusCode status, string? contentRange, long? lengthBytes)
    {
        if (asked == ByteRange.Whole)
        {
            return status == HttpStatusCode.OK && lengthBytes is not null;
        }

        return status == HttpStatusCode.PartialContent
            && lengthBytes > 0
            && lengthBytes <= (asked.Length ?? long.MaxValue)
            && contentRange?.StartsWith(string.Create(CultureInfo.InvariantCulture, $"bytes {asked.Offset}-{asked.Offset + lengthBytes - 1}/"), StringComparison.OrdinalIgnoreCase) == true;
    }
}
