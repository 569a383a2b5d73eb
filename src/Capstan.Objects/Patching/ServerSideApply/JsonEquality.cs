using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Patching;

/// <summary>Equality of values: fields in any order, numbers by what they are worth (1 and 1.0 are the same).</summary>
internal static class JsonEquality
{
    public static bool AreEqual(JsonNode? a, JsonNode? b)
    {
        if (ReferenceEquals(a, b)) return true;
        if (a is null || b is null) return false;
        switch (a, b)
        {
            case (JsonObject x, JsonObject y):
                if (x.Count != y.Count) return false;
                foreach (var (name, value) in x)
                    if (!y.TryGetPropertyValue(name, out var other) || !AreEqual(value, other)) return false;
                return true;
            case (JsonArray x, JsonArray y):
                if (x.Count != y.Count) return false;
                for (var i = 0; i < x.Count; i++)
                    if (!AreEqual(x[i], y[i])) return false;
                return true;
            case (JsonValue x, JsonValue y):
                var kind = x.GetValueKind();
                if (kind != y.GetValueKind()) return false;
                return kind switch
                {
                    JsonValueKind.String => string.Equals(x.GetValue<string>(), y.GetValue<string>(), StringComparison.Ordinal),
                    JsonValueKind.Number => AreEqualNumbers(x, y),
                    _ => true,
                };
            default:
                return false;
        }
    }

    private static bool AreEqualNumbers(JsonValue x, JsonValue y) =>
        JsonNumbers.TryInteger(x, out var a) && JsonNumbers.TryInteger(y, out var b) ? a == b : JsonNumbers.Double(x).Equals(JsonNumbers.Double(y));
}
