using System.Text;

namespace Nixery;

/// <summary>The text of an answer whose words are UTF-8 by its kind: JSON, a commit, a description of a store path.</summary>
public static class AnswerText
{
    /// <summary>Reads UTF-8 whatever the header calls it: a character set that .NET does not know would be an exception of another kind.</summary>
    public static async Task<string> ReadUtf8Async(this HttpContent content, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString(await content.ReadAsByteArrayAsync(cancellationToken));
}
