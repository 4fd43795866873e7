using System.Text.Json;
using Nixery.Images;

namespace Nixery.Sources;

/// <summary>
/// A new revision of <c>latest</c> is tried on a few packages before it takes the place of one that serves. Where none serves yet,
/// there is nothing better to fall back to.
/// </summary>
internal sealed class PinTrial(SourceOptions options, PinRecords records, TryOut tryOut)
{
    private readonly IReadOnlyList<PackageName> _names = options.NamesToTry();

    /// <param name="serving">The revision in use, where this process knows one; else its record is looked for.</param>
    /// <returns>Why it is not taken into use, or null.</returns>
    public async Task<PinOutcome.Unavailable?> FindRejectionAsync(Tag tag, string? serving, PinnedSource found, CancellationToken cancellationToken)
    {
        if (tag != Tag.Latest || _names.Count == 0)
        {
            return null;
        }

        serving ??= (await records.FindAsync(tag, cancellationToken))?.Commit;
        return serving is not { Length: > 0 } || serving == found.Revision || await FindProblemAsync(found, cancellationToken) is not { } problem
            ? null
            : new PinOutcome.Unavailable($"{found.Revision} is not taken into use: {problem}");
    }

    private async Task<string?> FindProblemAsync(PinnedSource found, CancellationToken cancellationToken)
    {
        try
        {
            return await tryOut(found, _names, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or IOException or UnauthorizedAccessException)
        {
            return $"its evaluation gives no answer that can be read ({e.GetType().Name})";
        }
    }
}
