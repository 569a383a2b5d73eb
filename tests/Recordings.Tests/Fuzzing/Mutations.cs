using System.Text;
using System.Text.Json.Nodes;
using Recordings.Tests.Comparing;

namespace Recordings.Tests.Fuzzing;

/// <summary>Makes something else of a recorded request; the same seed makes the same.</summary>
internal sealed class Mutations(Random random)
{
    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

    private static readonly string[] Types =
    [
        "application/json", "application/yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
        "application/apply-patch+yaml", "application/vnd.kubernetes.protobuf", "text/plain", "", "application/json;;", "*/*",
    ];

    private static readonly string[] Accepts =
    [
        "application/json", "application/yaml", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "application/json;as=;g=x;v=", "application/vnd.kubernetes.protobuf", "text/html", ";q=9,", "*/*;q=0",
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    ];

    private static readonly string[] Parameters =
    [
        "dryRun=All", "dryRun=x", "fieldManager=fuzz", "fieldManager=%ff", "force=true", "force=x", "fieldValidation=Strict", "fieldValidation=no", "limit=1", "limit=-1",
        "limit=9223372036854775807", "limit=x", "continue=x", "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiXHUwMDAwIn0", "resourceVersion=0", "resourceVersion=1",
        "resourceVersion=99999999999999999999", "resourceVersionMatch=Exact", "resourceVersionMatch=NotOlderThan", "labelSelector=a%20in%20(", "labelSelector=%21%21", "labelSelector=a%3Db,c%20notin%20(d)",
        "fieldSelector=metadata.name%3Dx", "fieldSelector=a%5C", "fieldSelector=spec.nodeName!%3D", "timeout=1s", "timeout=-", "timeoutSeconds=1", "timeoutSeconds=-5", "timeoutSeconds=2147483647",
        "gracePeriodSeconds=0", "gracePeriodSeconds=-9223372036854775808", "propagationPolicy=Orphan", "propagationPolicy=x", "orphanDependents=true", "pretty=true", "watch=1&timeoutSeconds=1",
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&watch=1&timeoutSeconds=1", "allowWatchBookmarks=1", "includeObject=Object", "includeObject=x", "a=%zz", "=;", "&&&",
    ];

    private static readonly string[] Tails = ["/status", "/scale", "/finalize", "/token", "/binding", "/eviction", "/approval", "/ephemeralcontainers", "/log", "/x", "/", "/%00", "/..", "/%2e%2e", "/a/b/c/d"];

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e400", "9223372036854775807", "9223372036854775808", "99999999999999999999999999", "\"\"", "\"x\"", "\"\\u0000\"", "\"\\ud800\"", "[]", "{}", "[null]", "[[]]", "{\"\":null}",
        "[{}]", "[{\"name\":null}]", "\"1e99999999999\"", "\"-0\"", "\"2026-13-99T00:00:00Z\"", "\"0001-01-01T00:00:00Z\"", "{\"$patch\":\"replace\"}", "{\"$patch\":\"delete\"}", "{\"$retainKeys\":[\"x\"]}",
        "[{\"$patch\":\"replace\"}]", "{\"f:metadata\":{\".\":{}}}", "{\"k:{\\\"name\\\":\\\"x\\\"}\":{}}", "{\"$setElementOrder/x\":[1]}", "{\"$deleteFromPrimitiveList/finalizers\":[1,null]}", "\"::/0\"", "\"a/b/c\"", "\"*\"",
    ];

    /// <summary>Changes one to three things of a request, or nothing now and then: what is right must still be answered.</summary>
    /// <param name="request">As recorded; changed in place.</param>
    /// <returns>The body; null for none.</returns>
    public byte[]? Mutate(JsonObject request)
    {
        var headers = request["headers"] as JsonObject ?? [];
        headers.Parent?.AsObject().Remove("headers");
        request["headers"] = headers;
        var body = request.ContainsKey("raw") ? Encoding.UTF8.GetBytes((string)request["raw"]!)
            : request.ContainsKey("body") ? Encoding.UTF8.GetBytes(PythonJson.Write(request["body"]))
            : null;
        if (body is not null && !request.ContainsKey("raw"))
        {
            headers.TryAdd("Content-Type", "application/json");
        }

        for (var times = random.Next(4); times > 0; times--)
        {
            switch (random.Next(12))
            {
                case 0:
                    request["method"] = Any(Methods);
                    break;
                case 1:
                    headers["Content-Type"] = Any(Types);
                    break;
                case 2:
                    headers["Accept"] = Any(Accepts);
                    break;
                case 3 or 4:
                    var path = (string)request["path"]!;
                    request["path"] = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Any(Parameters)}";
                    break;
                case 5:
                    request["path"] = ((string)request["path"]!).Split('?')[0] + Any(Tails);
                    break;
                case 6 or 7:
                    body = body is null ? Encoding.UTF8.GetBytes(Any(Values)) : Bytes(body);
                    break;
                default:
                    body = body is null ? null : Tree(body);
                    break;
            }
        }

        return body;
    }

    // A value in the tree becomes another one, goes, or comes twice.
    private byte[] Tree(byte[] body)
    {
        JsonNode? root;
        try
        {
            root = PythonJson.Parse(Encoding.UTF8.GetString(body));
        }
        catch (System.Text.Json.JsonException)
        {
            return Bytes(body);
        }

        var node = root;
        while (node is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            var child = node is JsonObject members ? members.ElementAt(random.Next(members.Count)).Value : node[random.Next(node.AsArray().Count)];
            if (child is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 }) || random.Next(4) == 0)
            {
                break;
            }

            node = child;
        }

        switch (node)
        {
            case JsonObject { Count: > 0 } members:
                var name = members.ElementAt(random.Next(members.Count)).Key;
                switch (random.Next(4))
                {
                    case 0:
                        members.Remove(name);
                        break;
                    case 1:
                        var moved = members[name]?.DeepClone();
                        members[Any(["", "$patch", "name", "metadata", "x y", "a/b", "~", name + "x"])] = moved;
                        break;
                    default:
                        members[name] = Value();
                        break;
                }

                break;
            case JsonArray { Count: > 0 } items:
                items.Insert(random.Next(items.Count), random.Next(2) == 0 ? items[random.Next(items.Count)]?.DeepClone() : Value());
                break;
        }

        return Encoding.UTF8.GetBytes(PythonJson.Write(root, ascii: false));
    }

    private byte[] Bytes(byte[] body)
    {
        var bytes = body.ToList();
        for (var times = random.Next(1, 5); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Any(Values)));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    private JsonNode? Value()
    {
        var text = Any(Values);
        return text.Contains("\\ud800", StringComparison.Ordinal) ? JsonValue.Create("\uFFFD") : PythonJson.Parse(text);
    }

    private string Any(string[] choices) => choices[random.Next(choices.Length)];
}
