using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of Namespace: it goes only when its content is gone, which the finalizer of its spec waits for.</summary>
internal sealed class NamespaceRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override bool EndsByPhases => true;

    /// <inheritdoc/>
    public override bool SelectsNamespace => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields => ["status.phase"];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field) => field == "status.phase" ? obj.Text("status", "phase") ?? "" : base.FieldValue(obj, field);

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["phase"] = "Active" };
        if (obj.GetOrAddMap("spec") is { } spec && !spec.Items("finalizers").Any(f => f.Text() == "kubernetes"))
        {
            if (spec["finalizers"] is not JsonArray finalizers)
            {
                spec["finalizers"] = finalizers = [];
            }

            finalizers.Add((JsonNode)"kubernetes");
        }
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource == "finalize")
        {
            Restore(obj, old, "status");
            return;
        }

        base.PrepareForUpdate(obj, old, subresource);
        if (subresource.Length == 0 && obj.GetOrAddMap("spec") is { } spec)
        {
            Restore(spec, old.Map("spec") ?? [], "finalizers");
        }
    }

    /// <inheritdoc/>
    public override bool PrepareForDelete(JsonObject obj, DateTimeOffset now)
    {
        if (obj.Items("spec", "finalizers").Count == 0)
        {
            return false;
        }

        obj.GetOrAddMap("status")!["phase"] = "Terminating";
        return true;
    }

    /// <inheritdoc/>
    public override void Named(JsonObject obj) => DefaultKind(obj);

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.Text("metadata", "name") is { Length: > 0 } name)
        {
            obj.Map("metadata")!.GetOrAddMap("labels")!["kubernetes.io/metadata.name"] = name;
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var finalizers = new Place(obj, "", Schema, errors)["spec"]["finalizers"];
        foreach (var finalizer in finalizers.Items)
        {
            CheckFinalizer(finalizer.As(finalizers.Path));
        }
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors)
    {
        var place = new Place(obj, "", Schema, errors);
        if (subresource == "finalize")
        {
            foreach (var finalizer in place["spec"]["finalizers"].Items)
            {
                CheckFinalizer(finalizer);
            }

            return;
        }

        var phase = place["status"]["phase"].As("status.Phase");
        var deleted = obj.Text("metadata", "deletionTimestamp") is not null;
        if (phase.Text != (deleted ? "Terminating" : "Active"))
        {
            phase.Invalid(phase.Text, deleted ? "may only be 'Terminating' if `deletionTimestamp` is not empty" : "may only be 'Active' if `deletionTimestamp` is empty");
        }
    }

    private static void CheckFinalizer(Place finalizer)
    {
        finalizer.Follows(Selectors.LabelSyntax.KeyFaults);
        if (!finalizer.Text.Contains('/', StringComparison.Ordinal) && finalizer.Text is not ("kubernetes" or "orphan" or "foregroundDeletion"))
        {
            finalizer.Invalid(finalizer.Text, "name is neither a standard finalizer name nor is it fully qualified");
        }
    }
}
