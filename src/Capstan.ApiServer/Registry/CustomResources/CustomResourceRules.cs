using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Rules of one version of a custom resource, all read from its definition.</summary>
/// <param name="type">The resource.</param>
/// <param name="schema">Schema of the version, as the definition has it.</param>
/// <param name="hasStatus">Whether status is a subresource.</param>
/// <param name="scale">Where the scale is; null without one.</param>
/// <param name="selectableFields">Paths of selectable fields, without the leading dot.</param>
internal sealed class CustomResourceRules(ResourceType type, Schema schema, bool hasStatus, ScalePaths? scale, IReadOnlyList<string> selectableFields)
    : KindRules(type, schema, hasStatus)
{
    private readonly Schema _metadata = BuiltInKinds.TypeNamed(BuiltInKinds.ObjectMeta);
    private readonly Dictionary<string, string[]> _selectable = selectableFields.ToDictionary(f => f, f => f.Split('.'));

    /// <inheritdoc/>
    public override bool HasGeneration => true;

    /// <inheritdoc/>
    public override bool AllowsUnconditionalUpdate => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields { get; } = selectableFields;

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field)
    {
        if (!_selectable.TryGetValue(field, out var path))
        {
            return base.FieldValue(obj, field);
        }

        return obj.At(path) is JsonValue value ? JsonPath.Text(value) : "";
    }

    /// <inheritdoc/>
    public override void Prune(JsonObject obj, ICollection<string>? unknownFields) => Pruning.Prune(obj, Schema, isRoot: true, unknownFields);

    /// <inheritdoc/>
    public override void Default(JsonObject obj)
    {
        if (obj["metadata"] is JsonObject metadata)
        {
            BuiltInShape.Normalize(metadata, _metadata);
        }

        Defaulting.Apply(obj, Schema);
    }

    /// <inheritdoc/>
    public override bool DesiredStateChanged(JsonObject obj, JsonObject old)
    {
        bool Counts(string field) => field is not ("metadata" or "apiVersion") && (field != "status" || !HasStatus);
        return obj.Where(f => Counts(f.Key)).Any(f => !old.TryGetPropertyValue(f.Key, out var before) || !JsonNode.DeepEquals(f.Value, before))
            || old.Any(f => Counts(f.Key) && !obj.ContainsKey(f.Key));
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, ICollection<FieldError> errors)
    {
        MetadataRules.Check(obj, Type.Namespaced, Naming.DnsSubdomain, errors);
        ValidateContent(obj, errors);
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        MetadataRules.CheckCommon(obj["metadata"], Type.Namespaced, errors);
        MetadataRules.CheckUpdate(obj, old, errors);
        MetadataRules.CheckUpdate(obj, old, errors);
        ValidateContent(obj, errors);
    }

    private void ValidateContent(JsonObject obj, ICollection<FieldError> errors)
    {
        Validation.Check(obj, Schema, "", errors);
        if (scale is not null)
        {
            CheckReplicas(obj, scale.SpecReplicas, errors);
            CheckReplicas(obj, scale.StatusReplicas, errors);
            if (scale.Selector is { } path && obj.At([.. path]) is { } selector && selector.GetValueKind() != JsonValueKind.String)
            {
                errors.Add(FieldErrors.Invalid(string.Join('.', path), selector, "should be a string"));
            }
        }
    }

    private static void CheckReplicas(JsonObject obj, IReadOnlyList<string> path, ICollection<FieldError> errors)
    {
        if (obj.At([.. path]) is not { } replicas)
        {
            return;
        }

        var field = string.Join('.', path);
        switch (replicas.Number())
        {
            case null:
                errors.Add(FieldErrors.Invalid(field, replicas, "should be an integer"));
                break;
            case < 0:
                errors.Add(FieldErrors.Invalid(field, replicas, "should be a non-negative integer"));
                break;
            case > int.MaxValue:
                errors.Add(FieldErrors.Invalid(field, replicas, $"should be less than or equal to {int.MaxValue}"));
                break;
        }
    }
}
