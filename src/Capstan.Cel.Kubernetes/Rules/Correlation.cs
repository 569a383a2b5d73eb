using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Schemas;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>A value beside what it was before the update, to see whether it changed at all. Used by one thread.</summary>
internal sealed class Correlation(JsonNode? value, JsonNode? old, Schema schema)
{
    private OldItems? _oldItems;
    private bool? _isSame;

    /// <summary>Whether the value is what it was; lists of type map may have another order.</summary>
    public bool IsSame => _isSame ??= Compare();

    /// <summary>Of a field; null when it was not there before or is not in the schema.</summary>
    public Correlation? Field(string name) =>
        RawValue.Fields(value) is { } now && RawValue.Fields(old) is { } before && now.TryGetPropertyValue(name, out var field) && before.TryGetPropertyValue(name, out var oldField)
        && schema.Field(name) is { } fieldSchema ? new(field, oldField, fieldSchema) : null;

    /// <summary>Of an item; null when it cannot be told which it was.</summary>
    public Correlation? Item(int index)
    {
        if (value is not JsonArray now || index >= now.Count || old is not JsonArray before || schema.Items is not { } itemSchema)
        {
            return null;
        }

        _oldItems ??= new(schema, before);
        return _oldItems.Of(now[index]) is { } oldItem ? new(now[index], oldItem, itemSchema) : null;
    }

    private bool Compare()
    {
        switch (value, old)
        {
            case (JsonArray items, JsonArray oldItems):
                if (items.Count != oldItems.Count)
                {
                    return false;
                }

                return schema.ListType == ListType.Map
                    ? Enumerable.Range(0, items.Count).All(i => Item(i) is { IsSame: true })
                    : StrictEquality.Instance.Equals(CelValue.Of(items), CelValue.Of(oldItems));
            case (JsonObject, JsonObject):
                return RawValue.Fields(value) is { } now && RawValue.Fields(old) is { } before && now.Count == before.Count && now.All(field => Field(field.Key) is { IsSame: true });
            default:
                return StrictEquality.Instance.Equals(CelValue.Of(value), CelValue.Of(old));
        }
    }
}

/// <summary>Whether an error is only told, since its value did not change: the value itself, else the nearest around it that is known again.</summary>
/// <param name="Current">Of the value; null where it is not known again.</param>
/// <param name="Around">Of the nearest value around it that is; null at the root, and where nothing is compared.</param>
internal readonly record struct Ratchet(Correlation? Current, Correlation? Around)
{
    public bool Holds => Current?.IsSame ?? Around?.IsSame ?? false;

    // Of a converted object nobody sees whether these were changed.
    public Ratchet Field(string name) =>
        Current is null ? this : Around is null && name is "apiVersion" or "kind" ? default : new(Current.Field(name), Current);

    public Ratchet Item(int index) => Current is null ? this : new(Current.Item(index), Current);
}
