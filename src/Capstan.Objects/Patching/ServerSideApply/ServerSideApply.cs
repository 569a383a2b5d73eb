using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>Server-side apply: merges a manager's configuration into an object and keeps who owns which field (KEP-555, structured-merge-diff).</summary>
/// <remarks>Pure functions over JSON, safe on all threads; arguments are neither changed nor kept.</remarks>
public static class ServerSideApply
{
    /// <summary>The object after the apply, with <c>metadata.managedFields</c>.</summary>
    /// <remarks>When the apply changes neither the object nor who owns what, the answer is equal to <paramref name="live"/>: skip the write then.
    /// Defaulting, generation and what else the server writes is the caller's, afterwards; then <see cref="ManagedFields.KeepTimes"/>.</remarks>
    /// <param name="live">The stored object in the version of the request; null when there is none yet.</param>
    /// <param name="configuration">What the manager wants: all fields that it sets and no others, with apiVersion, kind and metadata.name.</param>
    /// <param name="schema">Schema of the kind; null when nothing is known of it (maps merge, lists are atomic).</param>
    /// <param name="request">Who applies.</param>
    /// <exception cref="ApplyConflictException">Others own what would change, and the request is not forced.</exception>
    /// <exception cref="ApplyTypeException">The configuration does not fit the schema, or repeats a key of a list.</exception>
    /// <exception cref="PatchException">The configuration has managedFields, or those of <paramref name="live"/> are not valid.</exception>
    public static JsonObject Apply(JsonObject? live, JsonObject configuration, Schema? schema, ApplyRequest request)
    {
        if (configuration["metadata"] is JsonObject metadata && metadata["managedFields"] is not null) throw new PatchException("metadata.managedFields must be nil");
        var type = MergeType.OfObject(schema);
        if (TypeCheck.Check(configuration, type) is { } fault)
            throw new ApplyTypeException($"failed to create typed patch object ({NameOf(configuration)}): {fault}");
        Owners owners;
        try
        {
            owners = Owners.Read(live?["metadata"]?["managedFields"]);
        }
        catch (FormatException e)
        {
            throw new PatchException($"failed to decode managed fields: {e.Message}", e);
        }

        var bare = live is null ? New(configuration) : ManagedFields.Without(live);
        var merged = Apply(bare, configuration, type, live is null, owners, request, out var final);
        var result = merged ?? bare;
        if (request.Manager == LastApplied.Manager) LastApplied.Refresh(result, configuration);
        ManagedFields.Set(result, final);
        return result;
    }

    private static JsonObject? Apply(JsonObject live, JsonObject configuration, MergeType type, bool isNew, Owners owners, ApplyRequest request, out Owners final)
    {
        var tracking = new FieldTracking(type, request);
        var forced = request.Force;
        final = owners.Copy();
        try
        {
            return tracking.Apply(live, configuration, isNew, final, forced);
        }
        catch (ApplyConflictException conflict) when (request.Manager == LastApplied.Manager)
        {
            if (LastApplied.FieldsUnchangedSince(live, type, request.ApiVersion) is not { } allowed) throw;
            if (conflict.Without(allowed) is { } rest) throw rest;
            final = owners.Copy();
            return tracking.Apply(live, configuration, isNew, final, force: true);
        }
    }

    private static JsonObject New(JsonObject configuration)
    {
        var empty = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind"])
            if (configuration[name] is { } value) empty[name] = value.DeepClone();
        return empty;
    }

    private static string NameOf(JsonObject value)
    {
        var apiVersion = Text(value, "apiVersion");
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var metadata = value["metadata"] as JsonObject ?? [];
        return $"{Text(metadata, "namespace")}/{Text(metadata, "name")}; {(slash < 0 ? "/" : "")}{apiVersion}, Kind={Text(value, "kind")}";
    }

    private static string Text(JsonObject value, string name) => value[name] is JsonValue text && text.TryGetValue<string>(out var read) ? read : "";
}
