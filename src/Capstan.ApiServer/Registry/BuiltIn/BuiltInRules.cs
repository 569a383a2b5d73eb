using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules that all built-in kinds share; kinds with more derive.</summary>
internal class BuiltInRules(ResourceType type, Schema schema, bool hasStatus) : KindRules(type, schema, hasStatus)
{
    private readonly KindCheck? _check = KindChecks.Of(type);

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
        DropDisabled(obj, null);
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
            DropDisabled(obj, old);
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
        CheckMetadata(obj, errors);
        ValidateKind(obj, errors);
    }

    /// <inheritdoc/>
    public sealed override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors, ICollection<string> warnings)
    {
        // What is checked for all kinds alike is checked once more among the rules of the kind. The causes of the Status show it.
        if (subresource.Length > 0)
        {
            CheckMetadataUpdate(obj, old, errors);
            ValidateSubresource(obj, old, subresource, errors);
            return;
        }

        foreach (var step in KindTraits.MetadataOnUpdate(Type))
        {
            (step == MetadataStep.New ? (Action<JsonObject, JsonObject, ICollection<FieldError>>)((o, _, e) => CheckMetadata(o, e)) : CheckMetadataUpdate)(obj, old, errors);
        }

        ValidateKindUpdate(obj, old, errors);
    }

    /// <inheritdoc/>
    public sealed override void Canonicalize(JsonObject obj) => BuiltInShape.Store(obj, Schema);

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        var place = new Place(obj, "", Schema, []);
        var texts = subresource.Length > 0 ? _check?.WarnOfStatus?.Invoke(place)
            : old is not null && _check?.WarnOfUpdate is { } warnOfUpdate ? warnOfUpdate(place, old)
            : _check?.Warn?.Invoke(place);
        foreach (var text in texts ?? [])
        {
            warnings.Add(text);
        }
    }

    /// <summary>Sets the defaults of the kind.</summary>
    protected virtual void DefaultKind(JsonObject obj) => SimpleDefaults.Apply(Type, obj);

    /// <summary>Faults beyond metadata.</summary>
    protected virtual void ValidateKind(JsonObject obj, ICollection<FieldError> errors) => _check?.Check(new(obj, "", Schema, errors));

    /// <summary>Faults of a change beyond metadata.</summary>
    protected virtual void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        if (_check?.Update is { } update)
        {
            update(new(obj, "", Schema, errors), old);
        }
        else
        {
            ValidateKind(obj, errors);
        }
    }

    /// <summary>Faults of a change through a subresource, beyond metadata.</summary>
    protected virtual void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors)
    {
        if (subresource == "status")
        {
            _check?.Status?.Invoke(new(obj, "", Schema, errors), old);
        }
    }

    /// <summary>Adds a fault when a field is not what it was.</summary>
    protected void Immutable(JsonObject obj, JsonObject old, ICollection<FieldError> errors, params string[] path) =>
        path.Aggregate(new Place(obj, "", Schema, errors), (place, field) => place[field]).Unchanged(old.At(path));

    // What a server takes only with a feature that is off by default is left out in silence, unless it was there.
    private void DropDisabled(JsonObject obj, JsonObject? old)
    {
        foreach (var path in KindTraits.DisabledFields(Type))
        {
            if (old.At(path) is null)
            {
                obj.Map(path.AsSpan(0, path.Length - 1))?.Remove(path[^1]);
            }
        }
    }

    private void CheckMetadata(JsonObject obj, ICollection<FieldError> errors)
    {
        MetadataRules.Check(obj, Type.Namespaced, NameRule, errors);
        if (KindTraits.ChecksFinalizers(Type))
        {
            MetadataRules.CheckBuiltInFinalizers(obj["metadata"], errors);
        }
    }

    private void CheckMetadataUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        MetadataRules.CheckUpdate(obj, old, errors);
        if (KindTraits.ChecksFinalizers(Type))
        {
            MetadataRules.CheckBuiltInFinalizers(obj["metadata"], errors);
        }
    }
}
