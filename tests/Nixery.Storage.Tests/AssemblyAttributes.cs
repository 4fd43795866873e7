// What a test allocates is measured, and a server of others is shared.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
