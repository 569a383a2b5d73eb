using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>Who owns what after a write (the updater of structured-merge-diff, over one object and all its owners).</summary>
internal sealed class OwnershipRules(MergeType type, ApplyRequest request)
{
    private readonly FieldSet _reset = ResetOf(request);
    private readonly Dictionary<string, MergeType?> _types = new(StringComparer.Ordinal) { [request.ApiVersion] = type };

    /// <summary>A write that is no apply: <paramref name="writer"/> comes to own what it changed, and all others lose it.</summary>
    public void Update(JsonObject before, JsonObject after, Owners owners, OwnerId writer)
    {
        Reconcile(owners);
        var changes = Settle(before, after, owners, writer, force: true);
        var old = owners.Fields.TryGetValue(writer, out var owned) ? owned.Fields : FieldSet.Empty;
        var fields = old.Difference(changes.Removed).Union(changes.Modified).Union(changes.Added).RecursiveDifference(_reset);
        Set(owners, writer, fields);
    }

    /// <summary>An apply. The merged object, or null when it is equal to <paramref name="live"/>.</summary>
    /// <exception cref="ApplyConflictException">Others own what it changes.</exception>
    public JsonObject? Apply(JsonObject live, JsonObject configuration, Owners owners, OwnerId applier, bool force)
    {
        Reconcile(owners);
        var merged = ObjectMerge.Merge(live, configuration, type);
        var last = owners.Fields.GetValueOrDefault(applier);
        Set(owners, applier, FieldsOfValue.Of(configuration, type).RecursiveDifference(_reset));
        merged = Prune(merged, owners, applier, last);
        Settle(live, merged, owners, applier, force);
        return JsonEquality.AreEqual(live, merged) ? null : merged;
    }

    // An owner without fields is kept until Settle: the order of steps is that of Kubernetes.
    private void Set(Owners owners, OwnerId id, FieldSet fields) => owners.Fields[id] = new(fields, request.ApiVersion);

    /// <summary>Takes what changed from all but the writer; a changed field of an other is a conflict.</summary>
    private Comparison Settle(JsonObject before, JsonObject after, Owners owners, OwnerId writer, bool force)
    {
        var own = Comparison.Of(before, after, type).Without(_reset);
        var byVersion = new Dictionary<string, Comparison>(StringComparer.Ordinal) { [request.ApiVersion] = own };
        var conflicts = new Dictionary<OwnerId, FieldSet>();
        var left = new Dictionary<OwnerId, Ownership>();
        foreach (var (id, owned) in owners.Fields.ToArray())
        {
            if (id == writer) continue;
            if (TypeOf(owned.ApiVersion) is not { } versionType)
            {
                owners.Fields.Remove(id);
                continue;
            }

            if (!byVersion.TryGetValue(owned.ApiVersion, out var changes))
            {
                CheckFits(before, versionType, "failed to convert old object");
                CheckFits(after, versionType, "failed to convert new object");
                byVersion[owned.ApiVersion] = changes = Comparison.Of(before, after, versionType).Without(_reset);
            }

            var conflict = owned.Fields.Intersection(changes.Modified.Union(changes.Added));
            if (!conflict.IsEmpty) conflicts[id] = conflict;
            left[id] = owned with { Fields = owned.Fields.Difference(conflict).Difference(changes.Removed) };
        }

        if (!force && conflicts.Count > 0) throw ApplyConflictException.Of(conflicts);
        foreach (var (id, owned) in left) owners.Fields[id] = owned;
        foreach (var (id, owned) in owners.Fields.ToArray())
            if (owned.Fields.IsEmpty) owners.Fields.Remove(id);
        return own;
    }

    /// <summary>Takes out of the merged object what the applier set by its last apply, does not set now, and nobody else owns.</summary>
    private JsonObject Prune(JsonObject merged, Owners owners, OwnerId applier, Ownership? last)
    {
        if (last is null || last.Fields.IsEmpty || TypeOf(last.ApiVersion) is not { } lastType) return merged;
        if (last.ApiVersion != request.ApiVersion) CheckFits(merged, lastType, "failed to prune fields: failed to convert merged object to last applied version");
        // The usual apply repeats at least what it set before: then nothing can go.
        if (owners.Fields.Values.All(o => o.ApiVersion == request.ApiVersion) && last.ApiVersion == request.ApiVersion && last.Fields.Difference(owners.Fields[applier].Fields).IsEmpty)
            return merged;
        var lastFields = last.Fields.WithNamedFields(lastType);
        var pruned = ItemRemoval.Remove(merged, lastFields, lastType);
        // What others own stays, and so does all around it, in the version in which they name it.
        var ownedByVersion = owners.Fields.Values.GroupBy(o => o.ApiVersion, o => o.Fields, StringComparer.Ordinal)
            .OrderBy(g => g.Key == last.ApiVersion ? 0 : 1);
        foreach (var owned in ownedByVersion)
        {
            if (TypeOf(owned.Key) is not { } versionType) continue;
            if (owned.Key != request.ApiVersion) CheckFits(merged, versionType, $"failed to prune fields: failed add back owned items: failed to convert merged object at version {owned.Key}");
            var keep = FieldsOfValue.Of(pruned, versionType).WithNamedFields(versionType)
                .Union(owned.Aggregate(FieldSet.Empty, static (a, b) => a.Union(b)).WithNamedFields(versionType));
            pruned = ItemRemoval.Remove(merged, FieldsOfValue.Of(merged, versionType).WithNamedFields(versionType).Difference(keep), versionType);
        }

        // What nobody owned is no business of the applier, even inside of what it takes back.
        var gone = FieldsOfValue.Of(merged, lastType).WithNamedFields(lastType).Difference(FieldsOfValue.Of(pruned, lastType).WithNamedFields(lastType));
        return ItemRemoval.Remove(merged, gone.Intersection(lastFields), lastType);
    }

    private void Reconcile(Owners owners)
    {
        foreach (var (id, owned) in owners.Fields.ToArray())
        {
            if (TypeOf(owned.ApiVersion) is { } versionType) owners.Fields[id] = owned with { Fields = SchemaReconciliation.Reconcile(owned.Fields, versionType) };
            else owners.Fields.Remove(id);
        }
    }

    private MergeType? TypeOf(string apiVersion)
    {
        if (_types.TryGetValue(apiVersion, out var known)) return known;
        if (request.SchemaOfVersion is null) return _types[apiVersion] = type;
        if (request.SchemaOfVersion(apiVersion) is { } schema) return _types[apiVersion] = MergeType.OfObject(schema);
        // Kubernetes forgets owners in old versions of its own kinds, but cannot go on with a custom one.
        return type.IsBuiltIn ? _types[apiVersion] = null : throw new ApplyTypeException($"request to convert CR to an invalid group/version: {apiVersion}");
    }

    // Custom resources go from version to version as they are: a field that the other does not know stands in the way.
    private static void CheckFits(JsonObject value, MergeType versionType, string otherwise)
    {
        if (!versionType.IsBuiltIn && TypeCheck.Check(value, versionType, allowsDuplicates: true) is { } fault)
            throw new ApplyTypeException($"{otherwise}: {fault}");
    }

    private static FieldSet ResetOf(ApplyRequest request) =>
        request.ResetFields.Aggregate(FieldSet.Empty, static (set, path) => set.Union(FieldSet.OfPath([.. path.Split('.').Select(PathElement.Field)])));
}
