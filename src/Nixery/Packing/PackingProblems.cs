using Nixery.Packing.Encoders;

namespace Nixery.Packing;

/// <summary>What is wrong with the settings of this room, as sentences that name the setting.</summary>
public static class PackingProblems
{
    public static IEnumerable<string> Of(PackingOptions options)
    {
        if (!Enum.IsDefined(options.Encoder))
        {
            yield return $"Nixery:Packing:Encoder is '{options.Encoder}'; it is one of {string.Join(", ", Enum.GetNames<PackingEncoder>())}";
            yield break;
        }

        if (PieceFormat.FindProblem(options, EncoderKind.IsInstalled) is { } problem)
        {
            yield return problem;
        }

        if (options.LayersAtOnce is < 1 or > 1024)
        {
            yield return $"Nixery:Packing:LayersAtOnce is {options.LayersAtOnce}; 1 to 1024 layers of an image are packed at a time";
        }

        if (options.ImagesAtOnce is < 1 or > 1024)
        {
            yield return $"Nixery:Packing:ImagesAtOnce is {options.ImagesAtOnce}; 1 to 1024 images are packed at a time";
        }

        if (options.MostWaiting < 0)
        {
            yield return $"Nixery:Packing:MostWaiting is {options.MostWaiting}; it is a number, 0 to have no image wait for its packing";
        }

        if (options.MemoryBytes is < PackingOptions.LeastMemoryBytes or > PackingOptions.MostMemoryBytes)
        {
            yield return $"Nixery:Packing:MemoryBytes is {options.MemoryBytes}; it is {PackingOptions.LeastMemoryBytes} to {PackingOptions.MostMemoryBytes} bytes";
        }
    }
}
