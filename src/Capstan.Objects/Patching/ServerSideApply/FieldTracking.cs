using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>The steps around <see cref="OwnershipRules"/> that Kubernetes' field manager takes on every write.</summary>
internal sealed class FieldTracking(MergeType type, ApplyRequest request)
{
    private const int MostUpdaters = 10;
    private const string FoldedUpdaters = "ancient-changes";
    private const string BeforeFirstApply = "before-first-apply";

    // What the server writes, or what says which object it is, belongs to nobody.
    private static readonly FieldSet Untracked = FieldSet.Of(
    [
        new(PathElement.Field("apiVersion"), true, FieldSet.Empty),
        new(PathElement.Field("kind"), true, FieldSet.Empty),
        new(PathElement.Field("metadata"), true, FieldSet.Of([.. UntrackedMetadata().Select(n => new FieldSet.Node(PathElement.Field(n), true, FieldSet.Empty))])),
    ]);

    private readonly OwnershipRules _rules = new(type, request);

    public void Update(JsonObject before, JsonObject after, Owners owners, string manager)
    {
        // The writer stands beside its own earlier entry, so that this one alone shows whether anything changed.
        var self = OwnerId.Of("current-operation", "", request.ApiVersion, "");
        _rules.Update(before, after, owners, self);
        Strip(owners, self);
        if (owners.Fields.Remove(self, out var changed))
        {
            var id = OwnerId.Of(manager, OwnerId.Update, request.ApiVersion, request.Subresource);
            var fields = owners.Fields.TryGetValue(id, out var earlier) ? changed.Fields.Union(earlier.Fields) : changed.Fields;
            owners.Fields[id] = new(fields, request.ApiVersion);
            owners.Times[id] = Owners.TimeText(request.Now);
        }

        FoldOldest(owners);
    }

    /// <summary>The merged object, or null when the apply changes nothing but ownership.</summary>
    public JsonObject? Apply(JsonObject live, JsonObject configuration, bool isNew, Owners owners, bool force)
    {
        if (owners.Fields.Count == 0 && !isNew) Update([], live, owners, BeforeFirstApply);
        var id = OwnerId.Of(request.Manager, OwnerId.Apply, request.ApiVersion, request.Subresource);
        var merged = _rules.Apply(live, configuration, owners, id, force);
        Strip(owners, id);
        if (merged is not null) owners.Times[id] = Owners.TimeText(request.Now);
        return merged;
    }

    private static string[] UntrackedMetadata() =>
        ["name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation", "managedFields", "resourceVersion"];

    private static void Strip(Owners owners, OwnerId id)
    {
        if (!owners.Fields.TryGetValue(id, out var owned)) return;
        var fields = owned.Fields.Difference(Untracked);
        if (fields.IsEmpty) owners.Fields.Remove(id);
        else owners.Fields[id] = owned with { Fields = fields };
    }

    /// <summary>Unites the oldest updaters of each version into one entry, until there are few enough.</summary>
    private static void FoldOldest(Owners owners)
    {
        var updaters = owners.Fields.Keys.Where(static id => !id.IsApply)
            .OrderBy(id => owners.Times.GetValueOrDefault(id, ""), StringComparer.Ordinal)
            .ThenBy(static id => id, Comparer<OwnerId>.Create(OwnerId.CompareForMessages))
            .ToArray();
        var count = updaters.Length;
        var firstOf = new Dictionary<string, OwnerId>(StringComparer.Ordinal);
        foreach (var id in updaters)
        {
            if (count <= MostUpdaters) return;
            var owned = owners.Fields[id];
            if (firstOf.TryAdd(owned.ApiVersion, id)) continue;
            var bucket = new OwnerId(FoldedUpdaters, OwnerId.Update, owned.ApiVersion, "");
            if (!owners.Fields.ContainsKey(bucket) && owners.Fields.Remove(firstOf[owned.ApiVersion], out var first)) owners.Fields[bucket] = first;
            owners.Fields[bucket] = owned with { Fields = owned.Fields.Union(owners.Fields[bucket].Fields) };
            owners.Fields.Remove(id);
            count--;
            if (owners.Times.TryGetValue(id, out var time)) owners.Times[bucket] = time;
        }
    }
}
