using System.Globalization;
using System.Text.Json.Nodes;

namespace Recordings.Tests.Comparing;

/// <summary>JSON pointers as the recordings have them: <c>*</c> is any key or index, <c>**</c> any depth.</summary>
internal static class Pointers
{
    /// <summary>Finds a value; it may be a JSON null.</summary>
    public static bool TryFind(JsonNode? node, string pointer, out JsonNode? found)
    {
        found = node;
        foreach (var part in Parts(pointer))
        {
            switch (found)
            {
                case JsonArray items when Index(part) is { } index && index >= -items.Count && index < items.Count:
                    found = items[index < 0 ? index + items.Count : index];
                    break;
                case JsonObject members when members.ContainsKey(Unescaped(part)):
                    found = members[Unescaped(part)];
                    break;
                default:
                    found = null;
                    return false;
            }
        }

        return true;
    }

    /// <summary>A copy without what the pointers point at.</summary>
    public static JsonNode? Without(JsonNode? node, IEnumerable<string> pointers)
    {
        var copy = node?.DeepClone();
        foreach (var pointer in pointers)
        {
            Drop(copy, Parts(pointer));
        }

        return copy;
    }

    private static void Drop(JsonNode? node, ReadOnlySpan<string> parts)
    {
        if (parts.IsEmpty)
        {
            return;
        }

        var head = Unescaped(parts[0]);
        var rest = parts[1..];
        switch (head, node)
        {
            case ("**", _):
                DropAny(node, rest);
                break;
            case ("*", JsonObject members):
                foreach (var name in members.Select(member => member.Key).ToList())
                {
                    Drop(members, name, rest);
                }

                break;
            case ("*", JsonArray items):
                for (var i = items.Count - 1; i >= 0; i--)
                {
                    Drop(items, i, rest);
                }

                break;
            case (_, JsonObject members):
                Drop(members, head, rest);
                break;
            case (_, JsonArray items) when head.All(char.IsAsciiDigit) && Index(head) is { } index && index < items.Count:
                Drop(items, index, rest);
                break;
        }
    }

    private static void Drop(JsonObject members, string name, ReadOnlySpan<string> rest)
    {
        if (rest.IsEmpty)
        {
            members.Remove(name);
        }
        else if (members.TryGetPropertyValue(name, out var child))
        {
            Drop(child, rest);
        }
    }

    private static void Drop(JsonArray items, int index, ReadOnlySpan<string> rest)
    {
        if (rest.IsEmpty)
        {
            items.RemoveAt(index);
        }
        else
        {
            Drop(items[index], rest);
        }
    }

    private static void DropAny(JsonNode? node, ReadOnlySpan<string> rest)
    {
        if (node is JsonObject)
        {
            Drop(node, rest);
        }

        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject members => members.Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        };
        foreach (var child in children.ToList())
        {
            DropAny(child, rest);
        }
    }

    private static string[] Parts(string pointer) => pointer.Trim('/') is { Length: > 0 } path ? path.Split('/') : [];

    private static string Unescaped(string part) => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static int? Index(string part) => int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) ? index : null;
}
