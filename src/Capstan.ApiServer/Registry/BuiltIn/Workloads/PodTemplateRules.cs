using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Pods;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Workloads;

/// <summary>Rules of PodTemplate: what it wants stands in <c>template</c>.</summary>
internal sealed class PodTemplateRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override bool DesiredStateChanged(JsonObject obj, JsonObject old) => !JsonNode.DeepEquals(obj["template"], old["template"]);

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj) => PodDefaults.Apply(obj.Map("template", "spec"));

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors) => PodValidation.CheckTemplate(obj.Map("template"), "template", errors);

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors) => ValidateKind(obj, errors);
}
