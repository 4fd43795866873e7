namespace Nixery.Building.Nix;

/// <summary>
/// The restricted Damerau-Levenshtein distance: a character too much, too little, another one, or two swapped.
/// </summary>
public static class TypingErrors
{
    /// <summary>The errors between the two, or <see cref="int.MaxValue"/> when there are more than <paramref name="limit"/>.</summary>
    public static int Between(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit)
        {
            return int.MaxValue;
        }

        // Three rows of the table are needed at a time: the one before the last, the last, the one being filled.
        var (older, last, row) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++)
        {
            last[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            if (Fill(row, last, older, a, b, i) > limit)
            {
                return int.MaxValue;
            }

            (older, last, row) = (last, row, older);
        }

        return last[b.Length] <= limit ? last[b.Length] : int.MaxValue;
    }

    /// <summary>Fills row <paramref name="i"/> and returns the smallest number in it; later rows have none below.</summary>
    private static int Fill(int[] row, int[] last, int[] older, string a, string b, int i)
    {
        row[0] = i;
        var smallest = i;
        for (var j = 1; j <= b.Length; j++)
        {
            var change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            {
                row[j] = Math.Min(row[j], older[j - 2] + 1);
            }

            smallest = Math.Min(smallest, row[j]);
        }

        return smallest;
    }
}
