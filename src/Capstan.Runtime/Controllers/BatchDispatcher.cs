using Capstan.Diagnostics;
using Capstan.Queueing;

namespace Capstan.Controllers;

/// <summary>Takes the keys that are ready, several at once, and has each group of them reconciled as a batch.</summary>
internal sealed class BatchDispatcher(
    BatchReconciler reconciler, WorkQueue<ObjectKey> queue, RunOutcomes outcomes, Func<IReadOnlyList<WorkItem<ObjectKey>>, string, Task> run)
{
    /// <summary>Works until the queue is shut down and every batch under way has ended.</summary>
    /// <param name="bound">Batches at a time, at most.</param>
    public async Task RunAsync(int bound)
    {
        // A worker first, then keys: until somebody can work on them they stay in the queue, where a more urgent one overtakes them.
        using var free = new SemaphoreSlim(bound);
        var taken = new List<WorkItem<ObjectKey>>();
        while (true)
        {
            await free.WaitAsync();
            var first = await queue.GetAsync();
            if (!first.HasKey)
            {
                break;
            }

            taken.Clear();
            taken.Add(first);
            while (taken.Count < reconciler.MaxBatchSize && queue.TryGet(out var next))
            {
                taken.Add(next);
            }

            var groups = Group(taken);
            for (var i = 0; i < groups.Count; i++)
            {
                if (i > 0)
                {
                    await free.WaitAsync();
                }

                Start(groups[i], free);
            }

            if (groups.Count == 0)
            {
                free.Release();
            }
        }

        for (var i = 1; i < bound; i++)
        {
            await free.WaitAsync();
        }
    }

    private void Start((string Name, List<WorkItem<ObjectKey>> Items) group, SemaphoreSlim free)
    {
        if (queue.IsShutDown)
        {
            // A stop begins nothing new.
            group.Items.ForEach(item => queue.Done(item.Key));
            free.Release();
            return;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await run(group.Items, group.Name);
            }
            finally
            {
                free.Release();
            }
        });
    }

    /// <summary>In the order of each group's first key.</summary>
    private List<(string Name, List<WorkItem<ObjectKey>> Items)> Group(List<WorkItem<ObjectKey>> taken)
    {
        var groups = new List<(string Name, List<WorkItem<ObjectKey>> Items)>();
        foreach (var item in taken)
        {
            string name;
            try
            {
                name = reconciler.GroupOf(item.Key) ?? "";
            }
            catch (Exception exception)
            {
                outcomes.Fail(item.Key, ReconcileId.Next(), exception);
                queue.Done(item.Key);
                continue;
            }

            var at = groups.FindIndex(group => group.Name == name);
            if (at < 0)
            {
                at = groups.Count;
                groups.Add((name, []));
            }

            groups[at].Items.Add(item);
        }

        return groups;
    }
}
