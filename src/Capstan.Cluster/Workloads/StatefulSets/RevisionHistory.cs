using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Workloads.Hashes;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.StatefulSets;

/// <summary>The revisions of a set, the oldest first: one for each template that it had, as long as a pod is of it or the history has room.</summary>
internal sealed class RevisionHistory
{
    private const string HashLabel = "controller.kubernetes.io/hash";

    private static readonly WriteOptions Writes = new() { FieldManager = NamespaceController.Manager };

    private readonly KubeClient _client;
    private readonly StatefulSet _set;
    private readonly OwnerReference _reference;
    private readonly CancellationToken _cancellation;
    private readonly List<ControllerRevision> _revisions;

    private RevisionHistory(KubeClient client, StatefulSet set, OwnerReference reference, IEnumerable<ControllerRevision> revisions, CancellationToken cancellationToken)
    {
        _client = client;
        _set = set;
        _reference = reference;
        _cancellation = cancellationToken;
        Collisions = set.Status?.CollisionCount ?? 0;
        _revisions = [.. revisions.OrderBy(static one => one.Revision).ThenBy(static one => one.Metadata.CreationTimestamp).ThenBy(static one => one.Key.Name, StringComparer.Ordinal)];
    }

    /// <summary>How many revisions of other data had the hash that one of this set would have.</summary>
    public int Collisions { get; private set; }

    /// <summary>Reads the revisions of a set, and adopts those that nobody has and that it selects.</summary>
    public static async Task<RevisionHistory> ReadAsync(KubeClient client, Informer revisions, StatefulSet set, LabelSelector selector, CancellationToken cancellationToken)
    {
        var claiming = new Claiming<ControllerRevision>(client, StatefulSet.Resource, set, static _ => true);
        var found = ControllerIndex.Candidates<ControllerRevision>(revisions, set, selector).Where(one => selector.Matches(one.Metadata.Labels));
        return new(client, set, claiming.Reference, await claiming.ClaimAsync(found, cancellationToken), cancellationToken);
    }

    /// <summary>The revision that pods are of until an update reaches them, and the one of the template, which is made if there is none, or made the last again.</summary>
    public async Task<(ControllerRevision Current, ControllerRevision Update)> FollowTemplateAsync()
    {
        var data = RevisionData.Of(_set);
        var text = RevisionData.Text(data);
        var next = _revisions.Count == 0 ? 1 : _revisions[^1].Revision + 1;
        var equal = _revisions.FindLast(one => RevisionData.Text(one.Data) == text);
        var update = equal is null ? await CreateAsync(new() { Data = data, Revision = next }, text)
            : equal == _revisions[^1] ? equal
            : await _client.UpdateAsync(equal with { Revision = next }, Writes, _cancellation);
        return (_revisions.Find(one => one.Key.Name == _set.Status?.CurrentRevision) ?? update, update);
    }

    /// <summary>Deletes the oldest revisions, beyond those to be kept.</summary>
    /// <param name="live">Those that are in use, which do not count.</param>
    public async Task TruncateAsync(IReadOnlyCollection<string> live)
    {
        var past = _revisions.Where(one => !live.Contains(one.Key.Name)).ToList();
        if (_set.Spec.RevisionHistoryLimit is not (>= 0 and var limit) || _set.Metadata.DeletionTimestamp is not null)
        {
            return;
        }

        foreach (var one in past.Take(past.Count - limit))
        {
            try
            {
                await _client.DeleteAsync<ControllerRevision>(one.Key, new DeleteOptions { Uid = one.Metadata.Uid }, _cancellation);
            }
            catch (ApiException error) when (error.IsNotFound)
            {
                // As meant.
            }
        }
    }

    private async Task<ControllerRevision> CreateAsync(ControllerRevision wanted, string text)
    {
        var hash = SafeHash.OfRevision(text, Collisions);
        wanted.Metadata = new()
        {
            Namespace = _set.Key.Namespace,
            Labels = new(_set.Spec.Template.Metadata.Labels ?? []) { [HashLabel] = hash },
            Annotations = _set.Metadata.Annotations,
            OwnerReferences = [_reference],
        };
        while (true)
        {
            wanted.Metadata.Name = RevisionData.Name(_set, SafeHash.OfRevision(text, Collisions));
            try
            {
                return await _client.CreateAsync(wanted, Writes, _cancellation);
            }
            catch (ApiException error) when (error.IsAlreadyExists)
            {
                // Ours of a moment ago, or other data of the same hash.
                var found = await _client.GetAsync<ControllerRevision>(wanted.Key, _cancellation);
                if (RevisionData.Text(found.Data) == text)
                {
                    return found;
                }

                Collisions++;
            }
        }
    }
}
