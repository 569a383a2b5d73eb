using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of PersistentVolumeClaim.</summary>
internal sealed class ClaimRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private static readonly string[] Modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj) => obj["status"] = new JsonObject { ["phase"] = "Pending" };

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj) => obj.Map("spec")?.SetDefault("volumeMode", "Filesystem");

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = obj.Map("spec");
        var modes = spec.Items("accessModes");
        if (modes.Count == 0)
        {
            errors.Add(FieldErrors.Required("spec.accessModes", "at least 1 access mode is required"));
        }

        foreach (var mode in modes.Where(m => !Modes.Contains(m.Text())))
        {
            errors.Add(FieldErrors.NotSupported("spec.accessModes", mode, Modes));
        }

        if (spec.At("resources", "requests", "storage") is null)
        {
            errors.Add(FieldErrors.Required("spec.resources[storage]"));
        }

        if (spec.Text("volumeMode") is { } volumeMode && volumeMode is not ("Block" or "Filesystem"))
        {
            errors.Add(FieldErrors.NotSupported("spec.volumeMode", volumeMode, ["Block", "Filesystem"]));
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        ValidateKind(obj, errors);

        // A claim may be bound, and grow; the rest is decided when it is made.
        var (now, before) = (Fixed(obj), Fixed(old));
        if (string.IsNullOrEmpty(old.Text("spec", "volumeName")))
        {
            now.Remove("volumeName");
        }

        if (!JsonNode.DeepEquals(now, before))
        {
            errors.Add(FieldErrors.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"));
        }
    }

    private static JsonObject Fixed(JsonObject claim)
    {
        var spec = claim.Map("spec")?.DeepClone().AsObject() ?? [];
        spec.Map("resources")?.Remove("requests");
        spec.Remove("volumeAttributesClassName");
        return spec;
    }
}
