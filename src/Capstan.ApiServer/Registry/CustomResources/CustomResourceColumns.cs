using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Columns;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Columns of custom resources: those that the definition adds, or the age when it adds none.</summary>
internal static class CustomResourceColumns
{
    /// <summary>The columns of a version; definitions that ask for none get the age. A path that cannot be understood ends the list, as in Kubernetes.</summary>
    public static IReadOnlyList<TableColumn> Of(JsonObject version)
    {
        List<TableColumn> columns = [Column.Name];
        var added = version.Items("additionalPrinterColumns");
        if (added.Count == 0)
        {
            // The one column that is a date in custom resources and a text elsewhere.
            columns.Add(Make("Age", "date", "", Column.CreatedAt.Description, 0, ".metadata.creationTimestamp")!);
            return columns;
        }

        foreach (var column in added)
        {
            var path = column.Text("jsonPath") ?? "";
            var description = column.Text("description") is { Length: > 0 } given ? given : $"Custom resource definition column (in JSONPath format): {path}";
            if (Make(column.Text("name") ?? "", column.Text("type") ?? "", column.Text("format") ?? "", description, (int)(column.Number("priority") ?? 0), path)
                is not { } made)
            {
                break;
            }

            columns.Add(made);
        }

        return columns;
    }

    private static TableColumn? Make(string name, string type, string format, string description, int priority, string path) =>
        JsonPath.TryParse(path) is { } parsed
            ? new(name, type, format, description, priority, (obj, now) => parsed.Find(obj).FirstOrDefault() is { } value ? Cell(type, value, now) : null)
            : null;

    /// <summary>A value in the type of its column; null when it is of another.</summary>
    private static JsonNode? Cell(string type, JsonNode value, DateTimeOffset now)
    {
        var kind = value.GetValueKind();
        switch (type)
        {
            case "string":
                return JsonPath.Text(value);
            case "date":
                return kind != JsonValueKind.String ? null : KubeTime.TryParse(value.Text(), out _) ? Ages.Since(value, now) : "<invalid>";
            case "boolean":
                return value.Flag();
            case "integer" when kind == JsonValueKind.Number:
                return value.Number() ?? (long)double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);
            case "number" when kind == JsonValueKind.Number:
                return value.DeepClone();
            default:
                return null;
        }
    }
}
