// Two cores, and tests that count requests on the server: one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
