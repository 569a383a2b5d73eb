using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry;

/// <summary>How objects of one resource are defaulted, prepared, validated and compared on their way to the store.</summary>
/// <remarks>
/// The order of a write: <see cref="Prune"/> and <see cref="Default"/> when the body is decoded (and once more after a patch is merged); the server
/// fills its own metadata (namespace, uid, times, generation); admission that changes; <see cref="Permit"/>; <see cref="PrepareForCreate"/> or
/// <see cref="PrepareForUpdate"/>; <see cref="Validate"/> on create, <see cref="ValidateUpdate"/> on update; <see cref="Canonicalize"/>; <see cref="DesiredStateChanged"/> decides on the
/// generation; policies and webhooks that judge; store.
/// A read or a rejected write never changes anything outside of the objects given. Safe for any number of threads.
/// </remarks>
internal class KindRules(ResourceType type, Schema schema, bool hasStatus)
{
    /// <summary>The resource that the rules are of.</summary>
    public ResourceType Type { get; } = type;

    /// <summary>Structure of the objects.</summary>
    public Schema Schema { get; } = schema;

    /// <summary>Whether status is written through its subresource only.</summary>
    public bool HasStatus { get; } = hasStatus;

    /// <summary>Whether PUT or apply to a name that does not exist creates it. Apply always may; PUT only for some kinds.</summary>
    public virtual bool AllowsCreateOnUpdate => false;

    /// <summary>Whether an update may come without a resourceVersion. If not, its absence is a fault of <see cref="ValidateUpdate"/>.</summary>
    public virtual bool AllowsUnconditionalUpdate => true;

    /// <summary>Whether field selectors may name <c>metadata.namespace</c>: kinds with a list of their own do not all have it.</summary>
    public virtual bool SelectsNamespace => true;

    /// <summary>Fields of a field selector beside <c>metadata.name</c> and <c>metadata.namespace</c>; any other is a 400.</summary>
    public virtual IReadOnlyList<string> SelectableFields => [];

    /// <summary>Value of a selectable field, as text; empty when it is absent.</summary>
    public virtual string? FieldValue(JsonObject obj, string field) => field switch
    {
        "metadata.name" => (string?)obj["metadata"]?["name"],
        "metadata.namespace" => (string?)obj["metadata"]?["namespace"] ?? "",
        _ => null,
    };

    /// <summary>Removes fields that the schema does not know. Their paths, in the wording of <c>fieldValidation</c> (<c>spec.foo</c>), go to
    /// <paramref name="unknownFields"/> when it is given.</summary>
    public virtual void Prune(JsonObject obj, ICollection<string>? unknownFields) { }

    /// <summary>Removes what the schema does not know from what an apply made, which is of JSON still and not decoded again.</summary>
    public virtual void PruneApplied(JsonObject obj) => Prune(obj, null);

    /// <summary>Sets what the writer left open to its default.</summary>
    public virtual void Default(JsonObject obj) { }

    /// <summary>Called when a new object has its final name, a generated one too.</summary>
    public virtual void Named(JsonObject obj) { }

    /// <summary>Sets what only the server may say of a new object: drops status, allocates, starts phases.</summary>
    public virtual void PrepareForCreate(JsonObject obj)
    {
        if (HasStatus)
        {
            obj.Remove("status");
        }
    }

    /// <summary>Puts back what this request may not write. <paramref name="subresource"/> is empty for the object itself, else for example <c>status</c>.</summary>
    public virtual void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        if (subresource == "status")
        {
            Keep(obj, old, except: "status");
        }
        else if (HasStatus)
        {
            Restore(obj, old, "status");
        }
    }

    /// <summary>Paths of what a write to the status leaves as it was, so that nobody comes to own it there.</summary>
    public virtual IReadOnlyList<string> NotOwnedByStatus => ["metadata", "spec"];

    /// <summary>Refuses, by an exception, what this user may not write although he may write the kind. <paramref name="old"/> is null for a new object.</summary>
    public virtual void Permit(WriteRequest request, JsonObject obj, JsonObject? old) { }

    /// <summary>Faults of a new object; the Status lists them in this order.</summary>
    public virtual void Validate(JsonObject obj, ICollection<FieldError> errors) { }

    /// <summary>Faults of a change, those of the new object itself included; faults of values that did not change may be warnings.</summary>
    /// <param name="obj">The object as it would be.</param>
    /// <param name="old">What it was.</param>
    /// <param name="subresource">Empty for the object itself, else for example <c>status</c>.</param>
    /// <param name="errors">Receives the faults.</param>
    /// <param name="warnings">Receives texts of <c>Warning</c> headers.</param>
    public virtual void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors, ICollection<string> warnings) => Validate(obj, errors);

    /// <summary>Brings a valid object into the one form in which it is compared and stored.</summary>
    public virtual void Canonicalize(JsonObject obj) { }

    /// <summary>Texts of <c>Warning</c> headers for a write that is accepted. <paramref name="old"/> is null for a new object.</summary>
    public virtual void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings) { }

    /// <summary>Whether the change asks for another state of the world, so that <c>metadata.generation</c> grows by one.</summary>
    public virtual bool DesiredStateChanged(JsonObject obj, JsonObject old) =>
        HasGeneration && !JsonNode.DeepEquals(obj["spec"], old["spec"]);

    /// <summary>Whether objects have <c>metadata.generation</c> at all (it starts at 1).</summary>
    public virtual bool HasGeneration => false;

    /// <summary>Whether deletion may take time: seconds for this object when <paramref name="requested"/> was asked for (null: nothing); null when the
    /// kind knows no grace and the object goes at once.</summary>
    public virtual long? GracePeriod(JsonObject obj, long? requested) => null;

    /// <summary>Whether a deletion is a state of its own, without a grace period and without counting as a change of what is wanted.</summary>
    public virtual bool EndsByPhases => false;

    /// <summary>Called when a deletion has passed its preconditions, on the object that is about to be removed or marked. May add finalizers and status.
    /// True holds the object even when it has no finalizer in its metadata.</summary>
    public virtual bool PrepareForDelete(JsonObject obj, DateTimeOffset now) => false;

    /// <summary>Whether an object of this revision, stored in this version, is read as it stands. Else <see cref="FromStorage"/> brings it up to date.</summary>
    public virtual bool ReadsAsStored(long revision) => true;

    /// <summary>Turns a stored object into the fields of this version; apiVersion and kind are set by the caller.</summary>
    public virtual void FromStorage(JsonObject stored) { }

    /// <summary>Turns an object of this version into the fields that are stored.</summary>
    public virtual void ToStorage(JsonObject obj) { }

    /// <summary>Sets a top-level field back to what it was.</summary>
    protected static void Restore(JsonObject obj, JsonObject old, string field)
    {
        if (old[field] is { } value)
        {
            obj[field] = value.DeepClone();
        }
        else
        {
            obj.Remove(field);
        }
    }

    /// <summary>Sets every field back but one, and in metadata all but the record of field managers and the version that guards the write.</summary>
    private static void Keep(JsonObject obj, JsonObject old, string except)
    {
        var isThere = obj.TryGetPropertyValue(except, out var found);
        var kept = found?.DeepClone();
        var managedFields = obj["metadata"]?["managedFields"]?.DeepClone();
        var resourceVersion = obj["metadata"]?["resourceVersion"]?.DeepClone();
        obj.Clear();
        foreach (var (name, value) in old)
        {
            if (name != except)
            {
                obj[name] = value?.DeepClone();
            }
        }

        if (isThere)
        {
            // A null too, for validation to find.
            obj[except] = kept;
        }

        if (obj["metadata"] is JsonObject metadata)
        {
            Set(metadata, "managedFields", managedFields);
            Set(metadata, "resourceVersion", resourceVersion);
        }
    }

    private static void Set(JsonObject obj, string field, JsonNode? value)
    {
        if (value is null)
        {
            obj.Remove(field);
        }
        else
        {
            obj[field] = value;
        }
    }
}
