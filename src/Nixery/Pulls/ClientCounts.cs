namespace Nixery.Pulls;

/// <summary>How many of something each client has at this moment.</summary>
public sealed class ClientCounts
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>One more, where the client has fewer than <paramref name="most"/>; who has entered leaves.</summary>
    /// <param name="most">0 is no limit.</param>
    public bool TryEnter(string client, int most)
    {
        lock (_gate)
        {
            var count = _counts.GetValueOrDefault(client);
            if (most > 0 && count >= most)
            {
                return false;
            }

            _counts[client] = count + 1;
            return true;
        }
    }

    public void Leave(string client)
    {
        lock (_gate)
        {
            var left = _counts[client] - 1;
            if (left > 0)
            {
                _counts[client] = left;
            }
            else
            {
                _counts.Remove(client);
            }
        }
    }
}
