using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of ControllerRevision: what it remembers never changes.</summary>
internal sealed class ControllerRevisionRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        new Place(obj, "", Schema, errors)["revision"].NotNegative();
        Immutable(obj, old, errors, "data");
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var revision = new Place(obj, "", Schema, errors);
        revision["revision"].NotNegative();
        if (revision["data"].Value is not JsonObject)
        {
            revision["data"].Required(revision["data"].Exists ? "data must be a valid JSON object" : "data is mandatory");
        }
    }
}
