using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Selectors;

namespace Capstan.Schemas;

/// <summary>Whole objects inside a value (<c>x-kubernetes-embedded-resource</c>): they must say what they are, and their labels must be labels.</summary>
internal static class EmbeddedCheck
{
    public static void Run(JsonNode? value, Schema schema, string path, bool isEmbedded, Findings findings)
    {
        switch (value)
        {
            case JsonObject fields:
                if (isEmbedded)
                {
                    CheckHeader(fields, path, findings);
                }

                foreach (var (name, field) in fields)
                {
                    if (schema.Field(name) is { } fieldSchema)
                    {
                        Run(field, fieldSchema, SchemaCheck.Join(path, name), fieldSchema.EmbeddedResource, findings);
                    }
                }

                break;
            case JsonArray items when schema.Items is { } item:
                for (var i = 0; i < items.Count; i++)
                {
                    Run(items[i], item, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), item.EmbeddedResource, findings);
                }

                break;
        }
    }

    private static void CheckHeader(JsonObject fields, string path, Findings findings)
    {
        var apiVersion = Text(fields["apiVersion"]);
        if (!fields.ContainsKey("apiVersion"))
        {
            findings.Add(FieldErrors.Required($"{path}.apiVersion"));
        }
        else if (apiVersion is "")
        {
            findings.Add(FieldErrors.Invalid($"{path}.apiVersion", "", "must not be empty"));
        }
        else if (apiVersion is not null && apiVersion.Count(c => c == '/') > 1)
        {
            findings.Add(FieldErrors.Invalid($"{path}.apiVersion", apiVersion, $"unexpected GroupVersion string: {apiVersion}"));
        }

        if (!fields.ContainsKey("kind"))
        {
            findings.Add(FieldErrors.Required($"{path}.kind"));
        }
        else if (Text(fields["kind"]) is "")
        {
            findings.Add(FieldErrors.Invalid($"{path}.kind", "", "must not be empty"));
        }

        if (fields["metadata"] is JsonObject metadata && metadata["labels"] is JsonObject labels)
        {
            CheckLabels(labels, $"{path}.metadata.labels", findings);
        }
    }

    private static void CheckLabels(JsonObject labels, string path, Findings findings)
    {
        foreach (var (key, value) in labels)
        {
            foreach (var fault in LabelSyntax.KeyFaults(key))
            {
                findings.Add(FieldErrors.Invalid(path, key, fault));
            }

            foreach (var fault in Text(value) is { } text ? LabelSyntax.ValueFaults(text) : [])
            {
                findings.Add(FieldErrors.Invalid(path, Text(value)!, fault));
            }
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
