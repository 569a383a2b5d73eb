using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Recordings.Tests.Comparing;

/// <summary>Where two answers differ, a line each.</summary>
internal static class Differences
{
    private const int ShownLength = 200;

    public static IEnumerable<string> Between(JsonNode? want, JsonNode? have, string where = "")
    {
        switch (want, have)
        {
            case (JsonObject wanted, JsonObject given):
                foreach (var name in wanted.Select(m => m.Key).Union(given.Select(m => m.Key)).Order(StringComparer.Ordinal))
                {
                    var path = $"{where}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
                    var found = !given.ContainsKey(name) ? [$"{path}: missing, want {Short(wanted[name])}"]
                        : !wanted.ContainsKey(name) ? [$"{path}: extra {Short(given[name])}"]
                        : Between(wanted[name], given[name], path);
                    foreach (var line in found)
                    {
                        yield return line;
                    }
                }

                break;
            case (JsonArray wanted, JsonArray given) when wanted.Count != given.Count:
                yield return $"{where}: {given.Count} items, want {wanted.Count}: have {Short(given)} want {Short(wanted)}";
                break;
            case (JsonArray wanted, JsonArray given):
                for (var i = 0; i < wanted.Count; i++)
                {
                    foreach (var line in Between(wanted[i], given[i], $"{where}/{i}"))
                    {
                        yield return line;
                    }
                }

                break;
            default:
                if (!AreSame(want, have))
                {
                    yield return $"{where}: {Short(have)}, want {Short(want)}";
                }

                break;
        }
    }

    public static string Short(JsonNode? node)
    {
        var text = PythonJson.Write(node, ascii: false);
        return text.Length < ShownLength ? text : text[..(ShownLength - 3)] + "...";
    }

    /// <summary>Whether two scalars are the same to Python, which keeps ints and floats apart here.</summary>
    public static bool AreSame(JsonNode? want, JsonNode? have)
    {
        if (want is not JsonValue || have is not JsonValue || want.GetValueKind() != have.GetValueKind())
        {
            return want is null && have is null;
        }

        var (left, right) = (want.ToJsonString(), have.ToJsonString());
        return want.GetValueKind() switch
        {
            JsonValueKind.String => want.GetValue<string>() == have.GetValue<string>(),
            JsonValueKind.Number when PythonJson.IsInteger(left) != PythonJson.IsInteger(right) => false,
            JsonValueKind.Number when !PythonJson.IsInteger(left) =>
                double.Parse(left, CultureInfo.InvariantCulture).Equals(double.Parse(right, CultureInfo.InvariantCulture)),
            _ => left == right,
        };
    }
}
