using System.Globalization;

namespace Capstan.Runtime.Tests.Scripted;

/// <summary>Objects, lists and events as they stand on the wire.</summary>
internal static class WireText
{
    public static string Object(string name, int version, string? uid = null, string data = "") =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"default","uid":"{{{uid ?? "uid-" + name}}}","resourceVersion":"{{{version}}}","managedFields":[{"manager":"m"}]},"data":{"v":"{{{data}}}"}}""";

    public static string List(int version, params string[] items) => Page(version, null, items);

    public static string Page(int version, string? next, params string[] items) =>
        $$"""{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"{{version}}","continue":"{{next}}"},"items":[{{string.Join(',', items)}}]}""";

    public static string Event(string type, string item) => $$"""{"type":"{{type}}","object":{{item}}}""" + "\n";

    public static string Added(string name, int version, string? uid = null) => Event("ADDED", Object(name, version, uid));

    public static string Modified(string name, int version, string? uid = null) => Event("MODIFIED", Object(name, version, uid));

    public static string Deleted(string name, int version, string? uid = null) => Event("DELETED", Object(name, version, uid));

    public static string Bookmark(int version, bool endsInitialEvents = false) =>
        Event("BOOKMARK", $$$"""{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"{{{version}}}"{{{(endsInitialEvents ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "")}}} }}""");

    public static string Status(int code, string reason, string message) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{code}}}""");

    public static string Error(int code, string reason, string message = "no") => Event("ERROR", Status(code, reason, message));
}
