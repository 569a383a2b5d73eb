using System.Text.Json.Nodes;
using Capstan.Kinds;

namespace Capstan.Schemas;

/// <summary>Removes what a schema does not know, as the API server does before it stores or validates.</summary>
public static class Pruning
{
    /// <summary>Removes unknown fields, and nulls that may not be null and have no default. Changes <paramref name="value"/>. Doing it twice changes nothing more.</summary>
    /// <param name="value">The value.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="isRoot">Whether it is a whole object: then apiVersion, kind and metadata are known without being named.</param>
    /// <param name="unknownFields">Receives the paths of removed fields (<c>spec.items[0].bar</c>), those of the metadata first, each part sorted: the order in which
    /// Kubernetes reports them. Nulls are not reported. May be null.</param>
    /// <param name="keepNulls">Whether nulls stay where they may not be, for validation to find: what was applied is not decoded again.</param>
    public static void Prune(JsonNode value, Schema schema, bool isRoot, ICollection<string>? unknownFields, bool keepNulls = false)
    {
        var run = new Run(unknownFields is not null, keepNulls);
        run.Visit(value, schema, isRoot || schema.EmbeddedResource, "", isRoot);
        foreach (var list in (List<string>?[])[run.RootMetadata, run.Fields, run.EmbeddedMetadata])
        {
            list?.Sort(StringComparer.Ordinal);
            list?.ForEach(path => unknownFields?.Add(path));
        }
    }

    /// <summary>Removes every null field of objects, at any depth: what decoding into a built-in type does. Null items of lists stay.</summary>
    public static void DropNulls(JsonNode value)
    {
        switch (value)
        {
            case JsonObject fields:
                foreach (var name in fields.Where(field => field.Value is null).Select(field => field.Key).ToList())
                {
                    fields.Remove(name);
                }

                foreach (var (_, field) in fields)
                {
                    if (field is not null)
                    {
                        DropNulls(field);
                    }
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    if (item is not null)
                    {
                        DropNulls(item);
                    }
                }

                break;
        }
    }

    private static bool IsObjectHeader(string field) => field is "apiVersion" or "kind" or "metadata";

    private sealed class Run(bool record, bool keepNulls)
    {
        private List<string>? _unknown = record ? [] : null;

        public List<string>? RootMetadata { get; } = record ? [] : null;

        public List<string>? Fields => _unknown;

        public List<string>? EmbeddedMetadata { get; } = record ? [] : null;

        // Without a schema (below additionalProperties: true) every field of an object is unknown.
        public void Visit(JsonNode? value, Schema? schema, bool isObject, string path, bool isRoot)
        {
            switch (value)
            {
                case JsonObject fields:
                    foreach (var name in fields.Select(field => field.Key).ToList())
                    {
                        VisitField(fields, name, schema, isObject, path, isRoot);
                    }

                    break;
                case JsonArray items:
                    var item = ItemOf(schema);
                    for (var i = 0; i < items.Count && item is not { PreserveUnknownFields: true, Properties: null, AdditionalProperties: null, Items: null }; i++)
                    {
                        if (items[i] is JsonObject or JsonArray)
                        {
                            Visit(items[i], item, item?.EmbeddedResource ?? false, record ? $"{path}[{i}]" : "", isRoot: false);
                        }
                    }

                    break;
            }
        }

        // A list that keeps what is unknown keeps it in its items too.
        private static Schema? ItemOf(Schema? schema)
        {
            if (schema is not { PreserveUnknownFields: true })
            {
                return schema?.Items;
            }

            var item = schema.Items?.Copy() ?? new();
            item.PreserveUnknownFields = true;
            return item;
        }

        private void VisitField(JsonObject fields, string name, Schema? schema, bool isObject, string path, bool isRoot)
        {
            var fieldPath = !record ? "" : path.Length == 0 ? name : $"{path}.{name}";
            if (isObject && IsObjectHeader(name))
            {
                if (name == "metadata" && fields[name] is JsonObject metadata)
                {
                    VisitMetadata(metadata, fieldPath, isRoot);
                }

                return;
            }

            var field = schema?.Field(name);
            if (field is null && schema is not { AdditionalPropertiesAllowed: true })
            {
                if (schema is not { PreserveUnknownFields: true })
                {
                    fields.Remove(name);
                    _unknown?.Add(fieldPath);
                }
            }
            else if (fields[name] is null)
            {
                if (!keepNulls && field is { Nullable: false, Default: null })
                {
                    fields.Remove(name);
                }
            }
            else
            {
                Visit(fields[name], field, field?.EmbeddedResource ?? false, fieldPath, isRoot: false);
            }
        }

        private void VisitMetadata(JsonObject metadata, string path, bool isRoot)
        {
            (var outer, _unknown) = (_unknown, isRoot ? RootMetadata : EmbeddedMetadata);
            Visit(metadata, BuiltInKinds.TypeNamed(BuiltInKinds.ObjectMeta), isObject: false, path, isRoot: false);
            _unknown = outer;
            if (!isRoot)
            {
                DropEmpty(metadata);
            }
        }

        // An embedded object's metadata is decoded and written anew: what is empty is not written.
        private static void DropEmpty(JsonObject metadata)
        {
            foreach (var (name, field) in metadata.ToList())
            {
                if (field is null or JsonArray { Count: 0 } or JsonObject { Count: 0 } || (field is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0))
                {
                    metadata.Remove(name);
                }
            }
        }
    }
}
