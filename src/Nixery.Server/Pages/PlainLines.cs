using System.Text;
using Serilog.Core;
using Serilog.Events;

namespace Nixery.Server.Pages;

/// <summary>
/// Names of files and packages come from outside, and a line break or a terminal's escape in one would write log lines of its own.
/// All but printable characters are written as their code.
/// </summary>
internal sealed class PlainLines : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        foreach (var (name, value) in logEvent.Properties.ToList())
        {
            if (value is ScalarValue { Value: string text } && text.Any(MustBeEscaped))
            {
                logEvent.AddOrUpdateProperty(new LogEventProperty(name, new ScalarValue(Escape(text))));
            }
        }
    }

    private static string Escape(string text)
    {
        var plain = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = MustBeEscaped(c) ? plain.Append($"\\u{(int)c:x4}") : plain.Append(c);
        }

        return plain.ToString();
    }

    // Controls, and the formats that turn the direction of a line around.
    private static bool MustBeEscaped(char c) =>
        char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
            or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator;
}
