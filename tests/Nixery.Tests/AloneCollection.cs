namespace Nixery.Tests;

/// <summary>Tests beside which no other may run: they change what the whole process has, or measure it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
