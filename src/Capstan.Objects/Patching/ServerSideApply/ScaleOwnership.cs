using System.Text.Json.Nodes;

namespace Capstan.Patching;

/// <summary>Who owns the number of replicas, seen from an object and from its <c>autoscaling/v1</c> Scale: one field has a path in each.</summary>
/// <remarks>Pure functions, safe on all threads; arguments are neither changed nor kept. managedFields that cannot be read count as none.</remarks>
public static class ScaleOwnership
{
    private const string ScaleVersion = "autoscaling/v1";
    private static readonly PathElement[] ScalePath = [PathElement.Field("spec"), PathElement.Field("replicas")];

    /// <summary>managedFields of the Scale: an entry for each owner of the object's number of replicas; null when nobody owns it.</summary>
    /// <param name="managedFields">Those of the object; null when it has none.</param>
    /// <param name="replicasPaths">Names from the root to the number of replicas, for each <c>group/version</c> of the kind; null where a version has no scale.</param>
    public static JsonArray? ToScale(JsonNode? managedFields, IReadOnlyDictionary<string, IReadOnlyList<string>?> replicasPaths)
    {
        var scale = new Owners();
        var parent = Read(managedFields);
        foreach (var (id, owned) in parent.Fields)
        {
            if (PathIn(replicasPaths, owned.ApiVersion) is { } path && owned.Fields.Has(path)) Take(scale, parent, id, new(FieldSet.OfPath(ScalePath), ScaleVersion));
        }

        // What is written is read again: an entry of an update is named after the version that it is in.
        return scale.Write();
    }

    /// <summary>managedFields of the object after its Scale was written; null when nobody owns anything.</summary>
    /// <param name="managedFields">Those of the object before.</param>
    /// <param name="scaleManagedFields">Those of the written Scale.</param>
    /// <param name="replicasPaths">As for <see cref="ToScale"/>; owners in versions that it does not have are forgotten.</param>
    /// <param name="apiVersion">Version of the request, in which who now owns the number is noted.</param>
    /// <exception cref="ArgumentException">That version has no scale.</exception>
    public static JsonArray? ToParent(
        JsonNode? managedFields, JsonNode? scaleManagedFields, IReadOnlyDictionary<string, IReadOnlyList<string>?> replicasPaths, string apiVersion)
    {
        var own = PathIn(replicasPaths, apiVersion) ?? throw new ArgumentException($"no path of replicas in {apiVersion}", nameof(apiVersion));
        var parent = Read(managedFields);
        var scale = Read(scaleManagedFields);
        var result = new Owners();
        foreach (var (id, owned) in parent.Fields)
        {
            if (!replicasPaths.ContainsKey(owned.ApiVersion)) continue;
            var path = PathIn(replicasPaths, owned.ApiVersion);
            if (path is null || !owned.Fields.Has(path) || scale.Fields.Remove(id))
            {
                Take(result, parent, id, owned);
            }
            else
            {
                // Who wrote the Scale took it.
                var rest = owned.Fields.Difference(FieldSet.OfPath(path));
                if (!rest.IsEmpty) Take(result, parent, id, owned with { Fields = rest });
            }
        }

        foreach (var (id, owned) in scale.Fields)
            if (owned.Fields.Has(ScalePath)) Take(result, parent, id, new(FieldSet.OfPath(own), apiVersion));
        return result.Write();
    }

    // The time is that of the object's own entry: a new one has none, as in Kubernetes.
    private static void Take(Owners owners, Owners from, OwnerId id, Ownership owned)
    {
        owners.Fields[id] = owned;
        if (from.Times.TryGetValue(id, out var time)) owners.Times[id] = time;
    }

    private static PathElement[]? PathIn(IReadOnlyDictionary<string, IReadOnlyList<string>?> replicasPaths, string apiVersion) =>
        replicasPaths.GetValueOrDefault(apiVersion) is { } names ? [.. names.Select(PathElement.Field)] : null;

    private static Owners Read(JsonNode? managedFields)
    {
        try
        {
            return Owners.Read(managedFields);
        }
        catch (FormatException)
        {
            return new();
        }
    }
}
