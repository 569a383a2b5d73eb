namespace Capstan.Queueing;

/// <summary>First in, first out within a group; between groups, the one that has the fewest keys with workers, and in turns among equals.</summary>
/// <param name="band">Which of a group's lanes are in it.</param>
internal sealed class FairBand<TKey>(int band) : Band<TKey>
{
    // Lanes with entries, at the index of their group's count of keys with workers: there are no more lists than workers and one.
    private readonly List<LinkedList<KeyLane<TKey>>> _lanes = [];
    private int _count;

    public override int Count => _count;

    public override QueueEntry<TKey>? Head
    {
        get
        {
            foreach (var lanes in _lanes)
            {
                if (lanes.First is { } first)
                {
                    return first.Value.Entries.First;
                }
            }

            return null;
        }
    }

    public override void Append(QueueEntry<TKey> entry)
    {
        var lane = entry.Group!.Lanes[band];
        lane.Entries.Append(entry);
        _count++;
        if (lane.Entries.Count == 1)
        {
            Enter(lane);
        }
    }

    public override void Remove(QueueEntry<TKey> entry)
    {
        var lane = entry.Group!.Lanes[band];
        lane.Entries.Remove(entry);
        _count--;
        if (lane.Entries.Count == 0)
        {
            lane.Place.List!.Remove(lane.Place);
        }
    }

    /// <summary>The count of the lane's group has changed.</summary>
    public void Move(KeyLane<TKey> lane)
    {
        if (lane.Entries.Count > 0)
        {
            lane.Place.List!.Remove(lane.Place);
            Enter(lane);
        }
    }

    private void Enter(KeyLane<TKey> lane)
    {
        while (_lanes.Count <= lane.Group.Running)
        {
            _lanes.Add(new());
        }

        _lanes[lane.Group.Running].AddLast(lane.Place);
    }
}
