using System.Globalization;
using System.Text.RegularExpressions;

namespace Nixery.Server.Tests.Protocol;

/// <summary>
/// A call of calls.txt: what it is about in the specification, the request line, and below it, indented,
/// <c>&gt;</c> a header of the request, <c>&lt;</c> the status or a header of the answer (<c>!</c>: one that is not there),
/// <c>=</c> all of the body, <c>~</c> a part of it (<c>~!</c>: what is not in it). <c>{layer.bytes[1:4]}</c> and the like stand for
/// what the test has pulled.
/// </summary>
public sealed partial record ProtocolCall(IReadOnlyList<string> Rules, string Request, IReadOnlyList<string> Lines)
{
    public static IReadOnlyList<ProtocolCall> ReadAll(string text)
    {
        var calls = new List<ProtocolCall>();
        foreach (var line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                ((List<string>)calls[^1].Lines).Add(line[2..]);
                continue;
            }

            var words = line.Split(' ');
            calls.Add(new ProtocolCall([.. words[..^2].Where(w => w != "-")], string.Join(' ', words[^2..]), new List<string>()));
        }

        return calls;
    }

    public IEnumerable<string> Starting(string mark) =>
        Lines.Where(l => l.StartsWith(mark + " ", StringComparison.Ordinal)).Select(l => l[(mark.Length + 1)..]);

    /// <summary>Puts in what stands for something: digests as <c>{layer}</c>, bytes as Latin-1.</summary>
    public static string Fill(string text, IReadOnlyDictionary<string, (string Digest, byte[] Bytes)> pulled) =>
        Placeholder().Replace(text, match =>
        {
            var (digest, bytes) = pulled[match.Groups["what"].Value];
            return (match.Groups["part"].Value, match.Groups["minus"], match.Groups["slice"]) switch
            {
                ("", _, _) => digest,
                (".last", _, _) => Text(bytes.Length - 1),
                (".size", { Success: true } minus, _) => Text(bytes.Length - Number(minus)),
                (".size", _, _) => Text(bytes.Length),
                (_, _, { Success: true }) => Latin(bytes[Slice(bytes.Length, match)]),
                _ => Latin(bytes),
            };
        });

    public static string Latin(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    private static Range Slice(int length, Match match)
    {
        var from = match.Groups["from"] is { Length: > 0 } f ? Number(f) : 0;
        var to = match.Groups["to"] is { Length: > 0 } t ? Number(t) : length;
        return (from < 0 ? length + from : from)..to;
    }

    private static int Number(Capture text) => int.Parse(text.ValueSpan, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\{(?<what>[a-z]+)(?<part>\.[a-z]+)?(-(?<minus>[0-9]+))?(?<slice>\[(?<from>-?[0-9]*):(?<to>[0-9]*)\])?\}")]
    private static partial Regex Placeholder();
}
