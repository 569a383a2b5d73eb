using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.Cel.Kubernetes;
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
    // Faults of the shape after which rules would stumble over what is told already.
    private static readonly string[] Blocking =
    [
        FieldErrorReasons.NotSupported, FieldErrorReasons.Required, FieldErrorReasons.TooLong, FieldErrorReasons.TooMany, FieldErrorReasons.TypeInvalid,
    ];

    // Compiled when the first object comes: most kinds of a large installation see none.
    private readonly Lazy<SchemaRules> _rules = new(() => SchemaRules.Compile(schema));
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
    public override void Prune(JsonObject obj, ICollection<string>? unknownFields)
    {
        Pruning.Prune(obj, Schema, isRoot: true, unknownFields);
        PlainNumbers.Write(obj);
    }

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
        ValidateContent(obj, null, errors, []);
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors, ICollection<string> warnings)
    {
        MetadataRules.CheckCommon(obj["metadata"], Type.Namespaced, errors);
        MetadataRules.CheckUpdate(obj, old, errors);
        ValidateContent(obj, old, errors, warnings);
    }

    private void ValidateContent(JsonObject obj, JsonObject? old, ICollection<FieldError> errors, ICollection<string> warnings)
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

        RunRules(obj, old, errors, warnings);
    }

    private void RunRules(JsonObject obj, JsonObject? old, ICollection<FieldError> errors, ICollection<string> warnings)
    {
        if (_rules.Value.IsEmpty)
        {
            return;
        }

        if (errors.Any(e => Blocking.Contains(e.Reason)))
        {
            errors.Add(FieldErrors.Invalid("<nil>", (JsonNode?)null,
                "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"));
            return;
        }

        var found = _rules.Value.Validate(obj, old, new RuleOptions { Ratchet = true });
        foreach (var error in found.Errors)
        {
            errors.Add(error);
        }

        foreach (var warning in found.Warnings)
        {
            warnings.Add(warning.ToString());
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
