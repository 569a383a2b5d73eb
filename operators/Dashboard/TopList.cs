namespace Capstan.Dashboard;

/// <summary>Keeps the first so many of any number of things, in the order of their ranks.</summary>
/// <param name="most">How many.</param>
internal sealed class TopList<T>(int most)
{
    private readonly PriorityQueue<T, long> _queue = new();

    /// <summary>Offers one.</summary>
    /// <param name="one">The thing.</param>
    /// <param name="rank">Those with the greatest are kept.</param>
    public void Add(T one, long rank)
    {
        if (_queue.Count < most)
        {
            _queue.Enqueue(one, rank);
        }
        else
        {
            _queue.EnqueueDequeue(one, rank);
        }
    }

    /// <summary>Takes them out, the greatest rank first.</summary>
    public List<T> Take()
    {
        var result = new List<T>(_queue.Count);
        while (_queue.TryDequeue(out var one, out _))
        {
            result.Add(one);
        }

        result.Reverse();
        return result;
    }
}
