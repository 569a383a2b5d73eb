using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Makes the columns of which the tables of built-in kinds consist.</summary>
internal static class Column
{
    /// <summary>The object's name.</summary>
    public static readonly TableColumn Name =
        new("Name", "string", "name", SharedDescriptions.Name, 0, (o, _) => o.Text("metadata", "name") ?? "");

    /// <summary>How long ago the object was created.</summary>
    public static readonly TableColumn Age =
        new("Age", "string", "", SharedDescriptions.CreationTimestamp, 0, (o, now) => Ages.Since(o.At("metadata", "creationTimestamp"), now));

    /// <summary>When the object was created; the second column of kinds that have no columns of their own.</summary>
    public static readonly TableColumn CreatedAt =
        new("Created At", "date", "", SharedDescriptions.CreationTimestamp, 0, (o, _) => o.Text("metadata", "creationTimestamp"));

    /// <summary>A text; absent is the empty text.</summary>
    public static TableColumn Text(string name, string description, Func<JsonObject, string?> cell) =>
        new(name, "string", "", description, 0, (o, _) => cell(o) ?? "");

    /// <summary>A text that depends on the time.</summary>
    public static TableColumn Timed(string name, string description, Func<JsonObject, DateTimeOffset, string> cell) =>
        new(name, "string", "", description, 0, (o, now) => cell(o, now));

    /// <summary>A number; absent is 0. <paramref name="type"/> is what the column is declared as, which for some kinds is a string.</summary>
    public static TableColumn Number(string name, string description, Func<JsonObject, long?> cell, string type = "integer") =>
        new(name, type, "", description, 0, (o, _) => cell(o) ?? 0);

    /// <summary>A boolean; absent is false.</summary>
    public static TableColumn Flag(string name, string description, Func<JsonObject, bool?> cell, string type = "boolean") =>
        new(name, type, "", description, 0, (o, _) => cell(o) ?? false);

    /// <summary>The same column, shown only with <c>-o wide</c>.</summary>
    public static TableColumn Wide(TableColumn column) => column with { Priority = 1 };

    /// <summary>Containers, images and selector of what runs pods, all wide.</summary>
    public static TableColumn[] Workload(string[] podSpec, Func<JsonObject, string>? selector)
    {
        TableColumn[] columns =
        [
            Wide(Text("Containers", "Names of the containers of the pod template.", o => Joined(o, podSpec, "name"))),
            Wide(Text("Images", "Images of the containers of the pod template.", o => Joined(o, podSpec, "image"))),
        ];
        return selector is null ? columns : [.. columns, Wide(Text("Selector", "Selects the pods that belong to the object.", selector))];
    }

    /// <summary>A meta/v1 LabelSelector in the form of a selector expression; <c>&lt;none&gt;</c> when it selects everything or is absent.</summary>
    public static string Selector(JsonNode? selector)
    {
        if (selector is not JsonObject)
        {
            return "<none>";
        }

        List<(string Key, string Text)> terms = [];
        foreach (var (key, value) in selector.Map("matchLabels") ?? [])
        {
            terms.Add((key, $"{key}={value.Text()}"));
        }

        foreach (var expression in selector.Items("matchExpressions"))
        {
            var key = expression.Text("key") ?? "";
            var values = string.Join(",", expression.Items("values").Select(v => v.Text()).Order(StringComparer.Ordinal));
            terms.Add((key, expression.Text("operator") switch
            {
                "In" => $"{key} in ({values})",
                "NotIn" => $"{key} notin ({values})",
                "Exists" => key,
                "DoesNotExist" => "!" + key,
                _ => "<error>",
            }));
        }

        return terms.Count == 0 ? "<none>" : string.Join(",", terms.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => t.Text));
    }

    /// <summary>A map of labels as <c>a=b,c=d</c> in order; <c>&lt;none&gt;</c> when empty.</summary>
    public static string Labels(JsonObject? labels) => labels is null || labels.Count == 0
        ? "<none>"
        : string.Join(",", labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value.Text()}"));

    /// <summary>The first three of a list, and how many more there are.</summary>
    public static string FirstThree(IReadOnlyList<string> items, string none) => items.Count switch
    {
        0 => none,
        > 3 => $"{string.Join(",", items.Take(3))} + {(items.Count - 3).ToString(CultureInfo.InvariantCulture)} more...",
        _ => string.Join(",", items),
    };

    /// <summary>A number or text (int-or-string) as text; null when absent.</summary>
    public static string? IntOrString(JsonNode? value) => value.Text() ?? value.Number()?.ToString(CultureInfo.InvariantCulture);

    private static string Joined(JsonObject obj, string[] podSpec, string field) =>
        string.Join(",", obj.At(podSpec).Items("containers").Select(c => c.Text(field)));
}
