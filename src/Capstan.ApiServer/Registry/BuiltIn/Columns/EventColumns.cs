using System.Text.Json.Nodes;
using static Capstan.ApiServer.Registry.BuiltIn.Columns.Column;

namespace Capstan.ApiServer.Registry.BuiltIn.Columns;

/// <summary>Table of events, of either group: the fields are the same under two sets of names.</summary>
internal static class EventColumns
{
    private static readonly IReadOnlyList<TableColumn> Columns =
    [
        Timed("Last Seen", "Time since it was seen last.", LastSeen),
        Text("Type", "Normal or Warning.", o => o.Text("type")),
        Text("Reason", "Why, in a word for machines.", o => o.Text("reason")),
        Text("Object", "What the event is about.", About),
        Wide(Text("Subobject", "Part of the object.", o => Regarding(o).Text("fieldPath"))),
        Wide(Text("Source", "Who reports it.", Source)),
        Text("Message", "What happened, for people.", o => (o.Text("message") ?? o.Text("note"))?.Trim()),
        Wide(Timed("First Seen", "Time since it was seen first.", FirstSeen)),
        Wide(Number("Count", "How often it was seen.", Count, "string")),
        Wide(Name),
    ];

    public static readonly (string Group, string Kind, IReadOnlyList<TableColumn> Columns)[] All = [("", "Event", Columns), ("events.k8s.io", "Event", Columns)];

    private static JsonNode? Regarding(JsonObject e) => e.At("involvedObject") ?? e.At("regarding");

    private static string About(JsonObject e)
    {
        var kind = (Regarding(e).Text("kind") ?? "").ToLowerInvariant();
        return Regarding(e).Text("name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    private static string FirstSeen(JsonObject e, DateTimeOffset now) =>
        Ages.Since(e.At("firstTimestamp") ?? e.At("deprecatedFirstTimestamp") ?? e.At("eventTime"), now);

    private static string LastSeen(JsonObject e, DateTimeOffset now) =>
        e.Map("series") is { } series ? Ages.Since(series.At("lastObservedTime"), now)
        : (e.At("lastTimestamp") ?? e.At("deprecatedLastTimestamp")) is { } last ? Ages.Since(last, now)
        : FirstSeen(e, now);

    private static long? Count(JsonObject e) =>
        e.Map("series") is { } series ? series.Number("count")
        : (e.Number("count") ?? e.Number("deprecatedCount")) is { } count and not 0 ? count
        : 1;

    private static string Source(JsonObject e)
    {
        var source = e.At("source") ?? e.At("deprecatedSource");
        var component = FirstGiven(source.Text("component"), e.Text("reportingComponent") ?? e.Text("reportingController"));
        var instance = FirstGiven(source.Text("host"), e.Text("reportingInstance"));
        return instance.Length == 0 ? component : $"{component}, {instance}";
    }

    private static string FirstGiven(string? first, string? second) => !string.IsNullOrEmpty(first) ? first : second ?? "";
}
