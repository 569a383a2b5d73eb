using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules that all built-in kinds share; kinds with more derive.</summary>
internal class BuiltInRules(ResourceType type, Schema schema, bool hasStatus) : KindRules(type, schema, hasStatus)
{
    /// <summary>How objects of the kind may be named.</summary>
    protected virtual NameRule NameRule => KindTraits.NameRuleOf(Type);

    /// <inheritdoc/>
    public override bool HasGeneration => KindTraits.HasGeneration(Type);

    /// <inheritdoc/>
    public override bool AllowsCreateOnUpdate => KindTraits.AllowsCreateOnUpdate(Type);

    /// <inheritdoc/>
    public override bool AllowsUnconditionalUpdate => KindTraits.AllowsUnconditionalUpdate(Type);

    /// <inheritdoc/>
    public sealed override void Prune(JsonObject obj, ICollection<string>? unknownFields) => BuiltInShape.Prune(obj, Schema, unknownFields);

    /// <inheritdoc/>
    public sealed override void Default(JsonObject obj)
    {
        BuiltInShape.Normalize(obj, Schema);
        DefaultKind(obj);
    }

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        base.PrepareForCreate(obj);
        if (HasStatus)
        {
            BuiltInShape.AddAlwaysWritten(obj, Schema, "status");
        }
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<string> NotOwnedByStatus => KindTraits.NotOwnedByStatus(Type);

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource != "status")
        {
            base.PrepareForUpdate(obj, old, subresource);
            return;
        }

        foreach (var field in obj.Concat(old).Select(f => f.Key).Where(f => f is not ("metadata" or "status")).ToHashSet())
        {
            Restore(obj, old, field);
        }

        foreach (var field in KindTraits.MetadataKeptByStatus(Type))
        {
            Restore(obj["metadata"]!.AsObject(), old["metadata"]!.AsObject(), field);
        }
    }

    /// <inheritdoc/>
    public sealed override void Validate(JsonObject obj, ICollection<FieldError> errors)
    {
        MetadataRules.Check(obj, Type.Namespaced, NameRule, errors);
        MetadataRules.CheckBuiltInFinalizers(obj["metadata"], errors);
        ValidateKind(obj, errors);
    }

    /// <inheritdoc/>
    public sealed override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors, ICollection<string> warnings)
    {
        // What is checked for all kinds alike is checked once more among the rules of the kind. The causes of the Status show it.
        MetadataRules.CheckUpdate(obj, old, errors);
        MetadataRules.CheckBuiltInFinalizers(obj["metadata"], errors);
        if (subresource == "status")
        {
            ValidateKindStatus(obj, old, errors);
            return;
        }

        if (KindTraits.LooksAtMetadataTwice(Type))
        {
            MetadataRules.CheckCommon(obj["metadata"], Type.Namespaced, errors);
        }

        ValidateKindUpdate(obj, old, errors);
    }

    /// <summary>Sets the defaults of the kind.</summary>
    protected virtual void DefaultKind(JsonObject obj) => SimpleDefaults.Apply(Type, obj);

    /// <summary>Faults beyond metadata.</summary>
    protected virtual void ValidateKind(JsonObject obj, ICollection<FieldError> errors) { }

    /// <summary>Faults of a change beyond metadata.</summary>
    protected virtual void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors) => ValidateKind(obj, errors);

    /// <summary>Faults of a new status beyond metadata.</summary>
    protected virtual void ValidateKindStatus(JsonObject obj, JsonObject old, ICollection<FieldError> errors) => ValidateKindUpdate(obj, old, errors);

    /// <summary>Adds a fault when a field is not what it was.</summary>
    protected static void Immutable(JsonObject obj, JsonObject old, ICollection<FieldError> errors, params string[] path)
    {
        if (!JsonNode.DeepEquals(obj.At(path), old.At(path)))
        {
            errors.Add(FieldErrors.Invalid(string.Join('.', path), obj.At(path), "field is immutable"));
        }
    }
}
