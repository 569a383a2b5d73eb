using Capstan.Caching;
using Capstan.Cluster.Cleanup;
using Capstan.Cluster.Kinds;
using Capstan.Selectors;

namespace Capstan.Cluster.Workloads.Revisions;

/// <summary>What has revisions: a workload with a template.</summary>
/// <param name="Object">It.</param>
/// <param name="Type">Its kind.</param>
/// <param name="Template">Its template now.</param>
/// <param name="Limit">How many revisions are kept that no pod is of; null: all.</param>
/// <param name="Collisions">How many revisions of other data had the hash of one of its own; null: nobody has said yet.</param>
/// <param name="HashLabel">Label of revisions that has their hash.</param>
/// <param name="Hash">The hash of data and a count of collisions.</param>
internal sealed record RevisionOwner(KubeObject Object, ResourceType Type, PodTemplate Template, int? Limit, int? Collisions, string HashLabel, Func<string, int?, string> Hash);

/// <summary>The revisions of a set, the oldest first: one for each template that it had, as long as a pod is of it or the history has room.</summary>
internal sealed class RevisionHistory
{
    private static readonly WriteOptions Writes = new() { FieldManager = NamespaceController.Manager };

    private readonly KubeClient _client;
    private readonly RevisionOwner _owner;
    private readonly OwnerReference _reference;
    private readonly CancellationToken _cancellation;
    private readonly List<ControllerRevision> _revisions;

    private RevisionHistory(KubeClient client, RevisionOwner owner, OwnerReference reference, IEnumerable<ControllerRevision> revisions, CancellationToken cancellationToken)
    {
        _client = client;
        _owner = owner;
        _reference = reference;
        _cancellation = cancellationToken;
        Collisions = owner.Collisions;
        _revisions = [.. revisions.OrderBy(static one => one.Revision).ThenBy(static one => one.Metadata.CreationTimestamp).ThenBy(static one => one.Key.Name, StringComparer.Ordinal)];
    }

    /// <summary>How many revisions of other data had the hash that one of this set would have.</summary>
    public int? Collisions { get; private set; }

    /// <summary>Reads the revisions of a set, and adopts those that nobody has and that it selects.</summary>
    public static async Task<RevisionHistory> ReadAsync(KubeClient client, Informer revisions, RevisionOwner owner, LabelSelector selector, CancellationToken cancellationToken)
    {
        var claiming = new Claiming<ControllerRevision>(client, owner.Type, owner.Object, static _ => true);
        var found = ControllerIndex.Candidates<ControllerRevision>(revisions, owner.Object, selector).Where(one => selector.Matches(one.Metadata.Labels));
        return new(client, owner, claiming.Reference, await claiming.ClaimAsync(found, cancellationToken), cancellationToken);
    }

    /// <summary>The revision of a name; null if there is none.</summary>
    public ControllerRevision? Find(string? name) => _revisions.Find(one => one.Key.Name == name);

    /// <summary>The revision of the template, which is made if there is none, or made the last again.</summary>
    public async Task<ControllerRevision> FollowTemplateAsync()
    {
        var data = RevisionData.Of(_owner.Template);
        var text = RevisionData.Text(data);
        var next = _revisions.Count == 0 ? 1 : _revisions[^1].Revision + 1;
        var equal = _revisions.FindLast(one => RevisionData.Text(one.Data) == text);
        return equal is null ? await CreateAsync(new() { Data = data, Revision = next }, text)
            : equal == _revisions[^1] ? equal
            : await _client.UpdateAsync(equal with { Revision = next }, Writes, _cancellation);
    }

    /// <summary>Deletes the oldest revisions, beyond those to be kept.</summary>
    /// <param name="live">Those that are in use, which do not count.</param>
    public async Task TruncateAsync(IReadOnlyCollection<string> live)
    {
        var past = _revisions.Where(one => !live.Contains(one.Key.Name)).ToList();
        if (_owner.Limit is not (>= 0 and var limit) || _owner.Object.Metadata.DeletionTimestamp is not null)
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
        wanted.Metadata = new()
        {
            Namespace = _owner.Object.Key.Namespace,
            Labels = new(_owner.Template.Metadata.Labels ?? []),
            Annotations = _owner.Object.Metadata.Annotations,
            OwnerReferences = [_reference],
        };
        while (true)
        {
            var hash = wanted.Metadata.Labels[_owner.HashLabel] = _owner.Hash(text, Collisions);
            wanted.Metadata.Name = RevisionData.Name(_owner.Object, hash);
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

                Collisions = (Collisions ?? 0) + 1;
            }
        }
    }
}
