using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Recordings.Tests.Comparing;

namespace Recordings.Tests.Wire;

/// <summary>One request and its answer, as the recordings write answers down.</summary>
internal static class Calls
{
    public static async Task<JsonObject> CallAsync(this ServerUnderTest server, JsonObject request, CancellationToken cancellationToken)
    {
        using var response = await server.SendAsync(request, Payload(request), HttpCompletionOption.ResponseContentRead, cancellationToken);
        var type = Header(response, "Content-Type")?.Split(';')[0] ?? "";
        var answer = new JsonObject { ["code"] = (int)response.StatusCode, ["type"] = type };
        if (response.Headers.NonValidated.TryGetValues("Warning", out var warnings))
        {
            answer["warnings"] = new JsonArray([.. warnings.Select(warning => JsonValue.Create(warning))]);
        }

        if (request["show"] is JsonArray shown && shown.Count > 0)
        {
            answer["headers"] = new JsonObject(shown.Select(name => KeyValuePair.Create((string)name!, (JsonNode?)JsonValue.Create(Header(response, (string)name!)))));
        }

        answer["body"] = Decoded(await response.Content.ReadAsByteArrayAsync(cancellationToken), type);
        return answer;
    }

    public static JsonObject Get(string path) => new() { ["method"] = "GET", ["path"] = path };

    private static byte[]? Payload(JsonObject request) =>
        request.ContainsKey("raw") ? Encoding.UTF8.GetBytes((string)request["raw"]!)
        : request.ContainsKey("body") ? Encoding.UTF8.GetBytes(PythonJson.Write(request["body"]))
        : null;

    private static string? Header(HttpResponseMessage response, string name)
    {
        var values = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
            .Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).SelectMany(header => header.Value).ToList();
        return values.Count == 0 ? null : string.Join(", ", values);
    }

    private static JsonNode? Decoded(byte[] data, string type)
    {
        var text = Encoding.UTF8.GetString(data);
        if (type.Contains("json", StringComparison.Ordinal))
        {
            try
            {
                return PythonJson.Parse(text);
            }
            catch (JsonException)
            {
                // Then it is told as text.
            }
        }

        return text;
    }
}
