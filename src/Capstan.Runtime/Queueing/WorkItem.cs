namespace Capstan.Queueing;

/// <summary>What <see cref="WorkQueue{TKey}.GetAsync"/> answers: a key to work on, or the news that the queue has shut down.</summary>
/// <param name="HasKey">False once the queue has shut down: the worker ends.</param>
/// <param name="Key">The key; the caller owes the queue a <see cref="WorkQueue{TKey}.Done"/> for it.</param>
/// <param name="Priority">The priority that the key was taken with.</param>
public readonly record struct WorkItem<TKey>(bool HasKey, TKey Key, Priority Priority);
