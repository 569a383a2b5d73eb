using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.Cel.Kubernetes;
using Capstan.Kinds;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Rules of one version of a custom resource, all read from its definition.</summary>
/// <param name="type">The resource.</param>
/// <param name="schema">Schema of the version, as the definition has it.</param>
/// <param name="hasStatus">Whether status is a subresource.</param>
/// <param name="scale">Where the scale is; null without one.</param>
/// <param name="selectableFields">Paths of selectable fields, without the leading dot.</param>
/// <param name="storage">How objects are stored.</param>
internal sealed class CustomResourceRules(
    ResourceType type, Schema schema, bool hasStatus, ScalePaths? scale, IReadOnlyList<string> selectableFields, StoredVersions storage)
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
    public override bool SelectsNamespace => Type.Namespaced;

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
    public override bool ReadsAsStored(long revision) => revision > storage.Since;

    /// <inheritdoc/>
    public override void FromStorage(JsonObject stored) => storage.Read(stored, Type.ApiVersion);

    /// <inheritdoc/>
    public override void ToStorage(JsonObject obj) => storage.Write(obj, Type.ApiVersion);

    /// <inheritdoc/>
    public override void Prune(JsonObject obj, ICollection<string>? unknownFields) => Pruning.Prune(obj, Schema, isRoot: true, unknownFields);

    /// <inheritdoc/>
    public override void PruneApplied(JsonObject obj) => Pruning.Prune(obj, Schema, isRoot: true, null, keepNulls: true);

    /// <inheritdoc/>
    public override void Canonicalize(JsonObject obj)
    {
        if (obj.TryGetPropertyValue("status", out var status) && status is null && Schema.Field("status") is { Nullable: false })
        {
            obj.Remove("status");
        }

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
        CheckKind(obj, errors);
        MetadataRules.Check(obj, Type.Namespaced, Naming.DnsSubdomain, errors);
        Validation.Check(obj, Schema, "", errors);
        CheckScale(obj, errors);
        RunRules(obj, null, errors, []);
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors, ICollection<string> warnings)
    {
        CheckKind(obj, errors);
        MetadataRules.CheckUpdate(obj, old, errors);
        if (subresource == "status")
        {
            Validation.CheckStatusUpdate(obj, old, Schema, errors);
            CheckObserved(obj, errors);
        }
        else
        {
            Validation.CheckUpdate(obj, old, Schema, errors);
            CheckScale(obj, errors);
        }

        RunRules(obj, old, errors, warnings);
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        var known = old.Items("metadata", "finalizers").Select(f => f.Text()).ToHashSet();
        foreach (var name in obj.Items("metadata", "finalizers").Select(f => f.Text() ?? "").Where(f => !known.Contains(f)).Distinct().Order(StringComparer.Ordinal))
        {
            foreach (var fault in LabelSyntax.KeyFaults(name))
            {
                warnings.Add($"metadata.finalizers: {GoFormat.Quote(name)}: {fault}");
            }

            if (!name.Contains('/', StringComparison.Ordinal) && name is not ("orphan" or "foregroundDeletion" or "kubernetes"))
            {
                var path = name.Contains('.', StringComparison.Ordinal) ? " including a path (/)" : "";
                warnings.Add($"metadata.finalizers: {GoFormat.Quote(name)}: prefer a domain-qualified finalizer name{path} to avoid accidental conflicts with other finalizer writers");
            }
        }
    }

    private void CheckKind(JsonObject obj, ICollection<FieldError> errors)
    {
        foreach (var (field, expected) in ((string, string)[])[("kind", Type.Kind), ("apiVersion", Type.ApiVersion)])
        {
            if (obj.Text(field) != expected)
            {
                errors.Add(FieldErrors.Invalid(field, obj[field], $"must be {expected}"));
            }
        }
    }

    private void CheckScale(JsonObject obj, ICollection<FieldError> errors)
    {
        if (scale is not null)
        {
            CheckReplicas(obj, scale.SpecReplicas, errors);
            CheckObserved(obj, errors);
        }
    }

    private void CheckObserved(JsonObject obj, ICollection<FieldError> errors)
    {
        if (scale is null)
        {
            return;
        }

        CheckReplicas(obj, scale.StatusReplicas, errors);
        if (scale.Selector is { } path && obj.At([.. path]) is { } selector && selector.GetValueKind() != JsonValueKind.String)
        {
            var field = "." + string.Join('.', path);
            errors.Add(FieldErrors.Invalid(field, "", $"{field} accessor error: {GoFormat.Plain(selector)} is of the type {GoFormat.TypeName(selector)}, expected string"));
        }
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

        var field = "." + string.Join('.', path);
        switch (replicas.Number())
        {
            case null:
                errors.Add(FieldErrors.Invalid(field, 0, $"{field} accessor error: {GoFormat.Plain(replicas)} is of the type {GoFormat.TypeName(replicas)}, expected int64"));
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
