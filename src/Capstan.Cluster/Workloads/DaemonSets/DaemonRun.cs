using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Workloads.DaemonSets;

/// <summary>What one look at a DaemonSet finds is to be done: pods that nodes lack, pods that are too many, and, when neither is, the next step of an update. Pure.</summary>
internal sealed class DaemonRun
{
    private readonly DaemonSet _set;
    private readonly string _hash;
    private readonly DateTimeOffset _now;
    private readonly List<(string Node, bool Runs, bool Stays, List<Pod> Pods)> _places;
    private readonly int _maxUnavailable;
    private readonly int _maxSurge;

    public DaemonRun(DaemonSet set, DaemonPod pod, string hash, IEnumerable<DynamicObject> nodes, IEnumerable<Pod> pods, DateTimeOffset now)
    {
        (_set, _hash, _now) = (set, hash, now);
        var byNode = pods.GroupBy(DaemonPod.NodeOf).Where(static group => group.Key is not null).ToDictionary(static group => group.Key!, static group => group
            .OrderByDescending(static one => one.Metadata.DeletionTimestamp is null).ThenBy(static one => string.IsNullOrEmpty(one.Spec.NodeName))
            .ThenBy(static one => one.Metadata.CreationTimestamp).ThenBy(static one => one.Key.Name, StringComparer.Ordinal).ToList());
        _places = [];
        foreach (var node in nodes)
        {
            var (runs, stays) = pod.Judge(node);
            _places.Add((node.Key.Name, runs, stays, byNode.GetValueOrDefault(node.Key.Name) ?? []));
        }

        var wanted = _places.Count(static place => place.Runs);
        var rolling = set.Spec.UpdateStrategy?.RollingUpdate;
        _maxSurge = (rolling?.MaxSurge ?? 0).ScaledOf(wanted, roundUp: true);
        _maxUnavailable = (rolling?.MaxUnavailable ?? 1).ScaledOf(wanted, roundUp: true) is var most && most == 0 && _maxSurge == 0 ? 1 : most;
        Sort();
        if (Create.Count + Delete.Count + Ended.Count == 0 && set.Spec.UpdateStrategy?.Type is null or "RollingUpdate")
        {
            Update();
        }
    }

    /// <summary>Nodes that are to get a pod.</summary>
    public List<string> Create { get; } = [];

    /// <summary>Pods that are to go.</summary>
    public List<Pod> Delete { get; } = [];

    /// <summary>Pods that ended where one should run, and their nodes: they make room for another.</summary>
    public List<(Pod Pod, string Node)> Ended { get; } = [];

    /// <summary>How the set stands, but for what this run does.</summary>
    public DaemonSetStatus Status(int? collisions)
    {
        var status = new DaemonSetStatus { ObservedGeneration = _set.Metadata.Generation ?? 0, CollisionCount = collisions };
        foreach (var (_, runs, _, pods) in _places)
        {
            status.DesiredNumberScheduled += runs ? 1 : 0;
            status.NumberMisscheduled += !runs && pods.Count > 0 ? 1 : 0;
            if (runs && pods.FirstOrDefault() is { } pod)
            {
                status.CurrentNumberScheduled++;
                status.NumberReady += pod.IsReady ? 1 : 0;
                status.NumberAvailable += IsAvailable(pod) ? 1 : 0;
                status.UpdatedNumberScheduled += DaemonPod.IsOf(pod, _hash) ? 1 : 0;
            }
        }

        status.NumberUnavailable = status.DesiredNumberScheduled - status.NumberAvailable;
        return status;
    }

    private void Sort()
    {
        foreach (var (node, runs, stays, pods) in _places)
        {
            if (!stays)
            {
                Delete.AddRange(pods.Where(static pod => pod.Metadata.DeletionTimestamp is null));
                continue;
            }

            if (runs && pods.Count == 0)
            {
                Create.Add(node);
                continue;
            }

            var staying = pods.Where(static pod => pod.Metadata.DeletionTimestamp is null).ToList();
            Ended.AddRange(staying.Where(static pod => pod.HasEnded).Select(pod => (pod, node)));
            Thin([.. staying.Where(static pod => !pod.HasEnded)]);
        }
    }

    /// <summary>One of each node stays, the oldest; while an update surges also the oldest of its new ones, until that can take over.</summary>
    private void Thin(List<Pod> running)
    {
        if (_maxSurge == 0)
        {
            Delete.AddRange(running.Skip(1));
            return;
        }

        var (made, old) = (running.Where(pod => DaemonPod.IsOf(pod, _hash)).ToList(), running.Where(pod => !DaemonPod.IsOf(pod, _hash)).ToList());
        Delete.AddRange(made.Skip(1));
        Delete.AddRange(old.Skip(1));
        if (made.Count > 0 && old.Count > 0 && (!old[0].IsReady || IsAvailable(made[0])))
        {
            Delete.Add(old[0]);
        }
    }

    /// <summary>Replaces pods of older templates: those that are not available at once, the others as far as the set bears it.</summary>
    private void Update()
    {
        var (free, candidates, busy) = (new List<(string Node, Pod Old)>(), new List<(string Node, Pod Old)>(), 0);
        foreach (var (node, runs, _, pods) in _places.Where(static place => place.Runs || place.Pods.Count > 0))
        {
            var made = pods.Find(pod => pod.Metadata.DeletionTimestamp is null && DaemonPod.IsOf(pod, _hash));
            var old = pods.Find(pod => pod.Metadata.DeletionTimestamp is null && !DaemonPod.IsOf(pod, _hash));
            if (old is null)
            {
                busy += runs && (made is null || !IsAvailable(made)) ? 1 : 0;
            }
            else if (made is not null)
            {
                busy++;
            }
            else
            {
                (IsAvailable(old) ? candidates : free).Add((node, old));
            }
        }

        var bears = Math.Max(0, (_maxSurge > 0 ? _maxSurge : _maxUnavailable) - busy);
        foreach (var (node, old) in free.Concat(candidates.Take(bears)))
        {
            if (_maxSurge > 0)
            {
                Create.Add(node);
            }
            else
            {
                Delete.Add(old);
            }
        }
    }

    private bool IsAvailable(Pod pod) => pod.IsAvailable(_set.Spec.MinReadySeconds ?? 0, _now);
}
