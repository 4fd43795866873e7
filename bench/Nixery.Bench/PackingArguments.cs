using System.CommandLine;
using Nixery.Packing;

namespace Nixery.Bench;

/// <summary>How to pack, of the verbs that do.</summary>
internal static class PackingArguments
{
    public static readonly Option<PackingEncoder> Encoder = new("--encoder") { Description = "Who compresses.", Required = true };

    public static readonly Option<decimal?> Level = new("--level") { Description = "How hard it tries; the encoder's default when left out." };

    public static PackingOptions Read(ParseResult parsed)
    {
        var options = new PackingOptions { Encoder = parsed.GetRequiredValue(Encoder), Level = parsed.GetValue(Level) };
        return PackingProblems.Of(options).ToList() is { Count: > 0 } problems
            ? throw new InvalidOperationException(string.Join('\n', problems))
            : options;
    }
}
