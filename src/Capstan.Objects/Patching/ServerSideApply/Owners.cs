using System.Globalization;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>Who owns fields: one entry of managedFields is one of these. For an apply the version is not part of the identity.</summary>
internal readonly record struct OwnerId(string Manager, string Operation, string ApiVersion, string Subresource)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    public bool IsApply => Operation == Apply;

    public static OwnerId Of(string manager, string operation, string apiVersion, string subresource) =>
        new(manager.Length == 0 ? "unknown" : manager, operation, operation == Apply ? "" : apiVersion, subresource);

    /// <summary>How conflicts name it: <c>"kubectl" with subresource "status" using apps/v1</c>.</summary>
    public override string ToString()
    {
        var text = GoFormat.Quote(Manager);
        if (Subresource.Length > 0) text += $" with subresource {GoFormat.Quote(Subresource)}";
        return IsApply ? text : $"{text} using {ApiVersion}";
    }

    /// <summary>The order in which conflicts list owners.</summary>
    public static int CompareForMessages(OwnerId a, OwnerId b)
    {
        var order = string.CompareOrdinal(GoFormat.Quote(a.Manager), GoFormat.Quote(b.Manager));
        if (order == 0) order = string.CompareOrdinal(a.Operation, b.Operation);
        if (order == 0) order = string.CompareOrdinal(a.ApiVersion, b.ApiVersion);
        if (order != 0) return order;
        // Kubernetes compares the owners written as JSON: there a comma comes before the closing brace.
        order = (a.Subresource.Length == 0).CompareTo(b.Subresource.Length == 0);
        return order != 0 ? order : string.CompareOrdinal(a.Subresource, b.Subresource);
    }
}

/// <summary>The fields of an owner, in the version in which they are named.</summary>
internal sealed record Ownership(FieldSet Fields, string ApiVersion);

/// <summary>All owners of an object: managedFields, parsed. Times outlive the ownership within one request, as in Kubernetes.</summary>
internal sealed class Owners
{
    public Dictionary<OwnerId, Ownership> Fields { get; init; } = [];

    /// <summary>When each last changed the object; RFC 3339 in UTC with seconds.</summary>
    public Dictionary<OwnerId, string> Times { get; init; } = [];

    public Owners Copy() => new() { Fields = new(Fields), Times = new(Times) };

    public static string TimeText(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">An entry is not valid.</exception>
    public static Owners Read(JsonNode? managedFields)
    {
        var owners = new Owners();
        if (managedFields is null) return owners;
        if (managedFields is not JsonArray entries) throw new FormatException("managedFields must be a list");
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is not JsonObject entry) throw new FormatException($"managed fields entry {i} must be an object");
            var operation = Text(entry, "operation");
            if (operation is not (OwnerId.Apply or OwnerId.Update)) throw new FormatException("operation must be `Apply` or `Update`");
            var apiVersion = Text(entry, "apiVersion");
            if (apiVersion.Length == 0) throw new FormatException("apiVersion must not be empty");
            switch (Text(entry, "fieldsType"))
            {
                case "FieldsV1": break;
                case "": throw new FormatException($"missing fieldsType in managed fields entry {i}");
                case var other: throw new FormatException($"invalid fieldsType {GoFormat.Quote(other)} in managed fields entry {i}");
            }

            var manager = Text(entry, "manager");
            var id = new OwnerId(manager, operation, operation == OwnerId.Apply ? "" : apiVersion, Text(entry, "subresource"));
            owners.Fields[id] = new(FieldsV1.Read(entry["fieldsV1"]), apiVersion);
            if (Text(entry, "time") is { Length: > 0 } time) owners.Times[id] = Normal(time);
        }

        return owners;
    }

    /// <summary>Null when there are none: the field is then absent.</summary>
    public JsonArray? Write()
    {
        if (Fields.Count == 0) return null;
        var ids = Fields.Keys.ToArray();
        Array.Sort(ids, Compare);
        var entries = new JsonArray();
        foreach (var id in ids)
        {
            var owned = Fields[id];
            var entry = new JsonObject { ["manager"] = id.Manager, ["operation"] = id.Operation, ["apiVersion"] = owned.ApiVersion };
            if (Times.TryGetValue(id, out var time)) entry["time"] = time;
            entry["fieldsType"] = "FieldsV1";
            entry["fieldsV1"] = FieldsV1.Write(owned.Fields);
            if (id.Subresource.Length > 0) entry["subresource"] = id.Subresource;
            entries.Add((JsonNode)entry);
        }

        return entries;
    }

    // Applies first, then by time, name, version, subresource.
    private int Compare(OwnerId a, OwnerId b)
    {
        var order = string.CompareOrdinal(a.Operation, b.Operation);
        if (order == 0) order = string.CompareOrdinal(Times.GetValueOrDefault(a, ""), Times.GetValueOrDefault(b, ""));
        if (order == 0) order = string.CompareOrdinal(a.Manager, b.Manager);
        if (order == 0) order = string.CompareOrdinal(Fields[a].ApiVersion, Fields[b].ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(a.Subresource, b.Subresource);
    }

    private static string Text(JsonObject entry, string name) => entry[name] switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw new FormatException($"{name} of a managed fields entry must be a string"),
    };

    private static string Normal(string time) =>
        time.Length == 20 && time[^1] == 'Z' ? time
        : DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? TimeText(parsed)
        : throw new FormatException($"time of a managed fields entry: {time}");
}
