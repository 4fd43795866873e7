using System.Text;

namespace Nixery.Building.Nix;

/// <summary>
/// The last lines of a stream of any length, in bounded memory: a build may print 100,000 lines, or one line without
/// end. Secrets are taken out as the lines come in, so that nothing behind this sees them.
/// </summary>
internal sealed class ErrorTail
{
    public const int MaxCharacters = 64 * 1024;
    public const int MaxLineCharacters = 4 * 1024;

    private readonly Queue<string> _lines = new();
    private readonly StringBuilder _open = new();
    private int _characters;

    /// <summary>Takes the next piece; returns the lines that it completes.</summary>
    public IReadOnlyList<string> Add(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return _open.Length > 0 ? [Complete()] : [];
        }

        var completed = new List<string>();
        for (var end = text.IndexOf('\n'); end >= 0; end = text.IndexOf('\n'))
        {
            Append(text[..end]);
            completed.Add(Complete());
            text = text[(end + 1)..];
        }

        Append(text);
        return completed;
    }

    public override string ToString() => string.Join('\n', _open.Length > 0 ? _lines.Append(NixText.WithoutSecrets(_open.ToString())) : _lines);

    private void Append(ReadOnlySpan<char> text) => _open.Append(text[..Math.Min(text.Length, MaxLineCharacters - _open.Length)]);

    private string Complete()
    {
        var line = NixText.WithoutSecrets(WithoutHalfAnAddress(_open.ToString())).TrimEnd('\r');
        _open.Clear();
        _lines.Enqueue(line);
        _characters += line.Length + 1;
        while (_characters > MaxCharacters)
        {
            _characters -= _lines.Dequeue().Length + 1;
        }

        return line;
    }

    /// <summary>Where a line was cut within an address, that goes: it may end within a password, which then looks like none.</summary>
    private static string WithoutHalfAnAddress(string line)
    {
        var lastWord = line.LastIndexOf(' ') + 1;
        var isCut = line.Length == MaxLineCharacters && line.AsSpan(lastWord).Contains("://", StringComparison.Ordinal);
        return isCut ? line[..lastWord] : line;
    }
}
