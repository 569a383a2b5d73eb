using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Registry.BuiltIn.Columns;

namespace Capstan.ApiServer.Http;

/// <summary>What the rows of a table carry beside their cells.</summary>
internal enum TableObject
{
    /// <summary>Metadata (PartialObjectMetadata); the default.</summary>
    Metadata,

    /// <summary>The whole object.</summary>
    Object,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>Writes objects as a meta/v1 Table, which <c>kubectl get</c> prints as it is.</summary>
/// <remarks>Ages are reckoned at the moment of writing, by the server's clock. Safe for any number of threads.</remarks>
internal sealed class Tables(TimeProvider clock)
{
    /// <summary>Reads the <c>includeObject</c> query parameter.</summary>
    /// <param name="value">The parameter; null or empty when absent.</param>
    /// <param name="include">What was asked for.</param>
    /// <param name="message">Message of the 400 when it is none of the known words.</param>
    public static bool TryReadIncludeObject(string? value, out TableObject include, out string message)
    {
        include = value switch { "Object" => TableObject.Object, "None" => TableObject.None, _ => TableObject.Metadata };
        var known = value is null or "" or "Metadata" or "Object" or "None";
        message = known ? "" : $"Unable to convert to Table as requested: includeObject: Invalid value: \"{value}\": must be 'Metadata', 'Object', 'None', or empty";
        return known;
    }

    /// <summary>Writes a table.</summary>
    /// <param name="writer">Receives the JSON; the caller flushes.</param>
    /// <param name="resource">The resource that the objects are of.</param>
    /// <param name="metadata">Metadata of the table: resourceVersion, and for lists continue and remainingItemCount.</param>
    /// <param name="objects">One row each, already in the version of the resource; read while writing, each once.</param>
    /// <param name="include">What the rows carry.</param>
    /// <param name="withColumns">False from the second event of a watch on: the columns are said once.</param>
    public void Write(Utf8JsonWriter writer, ServedResource resource, JsonObject metadata, IEnumerable<JsonObject> objects, TableObject include, bool withColumns)
    {
        var now = Now;
        writer.WriteStartObject();
        foreach (var (name, value) in Head(resource, metadata, withColumns))
        {
            writer.WritePropertyName(name);
            if (value is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                value.WriteTo(writer);
            }
        }

        using var rows = objects.GetEnumerator();
        var any = rows.MoveNext();
        if (!any && IsMadeByAppending(resource))
        {
            writer.WriteNull("rows");
            writer.WriteEndObject();
            return;
        }

        writer.WriteStartArray("rows");
        for (; any; any = rows.MoveNext())
        {
            WriteRow(writer, resource, rows.Current, include, now);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Whether Kubernetes makes the kind's tables by appending to nothing, so that without rows there is null: kinds without columns of their own.</summary>
    public static bool IsMadeByAppending(ServedResource resource) => !resource.IsCustom && resource.Columns.Contains(Column.CreatedAt);

    /// <summary>When ages are reckoned, once for all rows of a table.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>All of a table but its rows.</summary>
    public static JsonObject Head(ServedResource resource, JsonObject metadata, bool withColumns) => new()
    {
        ["kind"] = "Table",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = metadata,
        ["columnDefinitions"] = !withColumns ? null : new JsonArray([.. resource.Columns.Select(column => new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["format"] = column.Format,
            ["description"] = column.Description,
            ["priority"] = column.Priority,
        })]),
    };

    /// <summary>Writes the row of an object.</summary>
    public static void WriteRow(Utf8JsonWriter writer, ServedResource resource, JsonObject obj, TableObject include, DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("cells");
        foreach (var column in resource.Columns)
        {
            if (column.Cell(obj, now) is { } cell)
            {
                cell.WriteTo(writer);
            }
            else
            {
                writer.WriteNullValue();
            }
        }

        writer.WriteEndArray();
        writer.WritePropertyName("object");
        switch (include)
        {
            case TableObject.None:
                writer.WriteNullValue();
                break;
            case TableObject.Object:
                obj.WriteTo(writer);
                break;
            default:
                writer.WriteStartObject();
                writer.WriteString("kind", "PartialObjectMetadata");
                writer.WriteString("apiVersion", "meta.k8s.io/v1");
                writer.WritePropertyName("metadata");
                (obj["metadata"] ?? new JsonObject()).WriteTo(writer);
                writer.WriteEndObject();
                break;
        }

        writer.WriteEndObject();
    }
}
