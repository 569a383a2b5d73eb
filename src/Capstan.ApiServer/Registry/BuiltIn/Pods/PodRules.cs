using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Rules of Pod.</summary>
internal sealed class PodRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private static readonly Dictionary<string, string[]> Fields = new()
    {
        ["spec.nodeName"] = ["spec", "nodeName"],
        ["spec.restartPolicy"] = ["spec", "restartPolicy"],
        ["spec.schedulerName"] = ["spec", "schedulerName"],
        ["spec.serviceAccountName"] = ["spec", "serviceAccountName"],
        ["spec.hostNetwork"] = ["spec", "hostNetwork"],
        ["status.phase"] = ["status", "phase"],
        ["status.podIP"] = ["status", "podIP"],
        ["status.nominatedNodeName"] = ["status", "nominatedNodeName"],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields { get; } = [.. Fields.Keys];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field)
    {
        if (!Fields.TryGetValue(field, out var path))
        {
            return base.FieldValue(obj, field);
        }

        return field switch
        {
            "spec.hostNetwork" => obj.Flag(path) == true ? "true" : "false",
            "status.podIP" => obj.Items("status", "podIPs").FirstOrDefault().Text("ip") ?? obj.Text(path) ?? "",
            _ => obj.Text(path) ?? "",
        };
    }

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQuality.Of(obj) };
        if (obj.Items("spec", "schedulingGates").Count > 0)
        {
            PodConditions.Set(obj, "PodScheduled", "False", obj.Text("metadata", "creationTimestamp"), "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates");
        }

        LabelKeys.Apply(obj);
        UnservedFields.Drop(obj.Map("spec"));
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        switch (subresource)
        {
            case "status":
                base.PrepareForUpdate(obj, old, subresource);
                PodConditions.KeepGenerations(obj, old);
                break;
            case "ephemeralcontainers":
                KeepAllBut(obj, old, PartialUpdate.Ephemeral);
                break;
            case "resize":
                KeepAllBut(obj, old, PartialUpdate.Resources);
                break;
            default:
                Restore(obj, old, "status");
                break;
        }
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        if (old is null)
        {
            PodWarnings.OfPod(new Place(obj, "", Schema, []), warnings);
        }
        else if (subresource == "status")
        {
            foreach (var address in ((string[])["podIPs", "hostIPs"]).SelectMany(list => new Place(obj, "", Schema, [])["status"][list].Items).SelectMany(item => Addresses.Warnings(item["ip"])))
            {
                warnings.Add(address);
            }
        }
    }

    /// <inheritdoc/>
    public override long? GracePeriod(JsonObject obj, long? requested)
    {
        var period = requested ?? obj.Number("spec", "terminationGracePeriodSeconds") ?? 0;

        // Nothing has begun on a node that would need time to end.
        var over = string.IsNullOrEmpty(obj.Text("spec", "nodeName")) || obj.Text("status", "phase") is "Failed" or "Succeeded";
        return over ? 0 : period < 0 ? 1 : period;
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        PodDefaults.ApplyToPod(obj.Map("spec"));
        PodDefaults.SyncAddresses(obj.Map("status"));
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors) => PodValidation.CheckNewPod(obj, errors);

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        PodValidation.CheckPod(obj, errors);
        PodUpdateValidation.CheckAnnotations(obj, old, errors);
        PodUpdateValidation.Check(obj, old, errors);
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors)
    {
        if (subresource == "status")
        {
            PodUpdateValidation.CheckAnnotations(obj, old, errors);
            PodStatusValidation.Check(new Place(obj, "", Schema, errors), old);
            return;
        }

        MetadataRules.Check(obj, Type.Namespaced, NameRule, errors);
        MetadataRules.CheckBuiltInFinalizers(obj["metadata"], errors);
        PodValidation.CheckPod(obj, errors);
        if (subresource == "ephemeralcontainers")
        {
            PodUpdateValidation.CheckAnnotations(obj, old, errors);
            PartialUpdate.CheckEphemeral(obj, old, errors);
        }
        else if (subresource == "resize")
        {
            PartialUpdate.CheckResize(obj, old, errors);
        }
    }

    // What these subresources write of the spec, with all the rest, metadata too, as it was.
    private static void KeepAllBut(JsonObject obj, JsonObject old, Action<JsonObject, JsonObject> write)
    {
        var spec = old.Map("spec")!.DeepClone().AsObject();
        write(spec, obj.Map("spec") ?? []);
        obj["spec"] = spec;
        Restore(obj, old, "status");
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers", "ownerReferences"])
        {
            Restore(obj["metadata"]!.AsObject(), old["metadata"]!.AsObject(), field);
        }
    }
}
