namespace Nixery.EndToEnd.Infrastructure;

/// <summary>Tests that look at how long a server takes to see something: other tests at the same time hold them up, why is not known yet.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
