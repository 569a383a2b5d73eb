using System.Text.Json;
using Capstan.Cel.Documents;

namespace Capstan.Cel.Tests.Documents;

/// <summary>Compares a document with what System.Text.Json reads of the same bytes.</summary>
internal static class DocumentText
{
    /// <summary>What is different, null if nothing is: both refuse the text, or both read the same of it.</summary>
    public static string? Difference(byte[] text)
    {
        using var expected = Read(text);
        CelDocument document;
        try
        {
            document = CelDocument.Parse(text);
        }
        catch (CelDocumentException e)
        {
            return expected is null ? null : $"refused: {e.Message}";
        }

        return expected is null ? "accepted" : Difference(document, CelDocument.Root, expected.RootElement, "$");
    }

    private static JsonDocument? Read(byte[] text)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(text, new() { MaxDepth = CelDocument.MaxDepth });
            ReadTexts(document.RootElement);
            return document;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            document?.Dispose();
            return null;
        }
    }

    // System.Text.Json refuses text that is none only when the string is asked for.
    private static void ReadTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    ReadTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    ReadTexts(property.Value);
                }

                break;
        }
    }

    private static string? Difference(CelDocument document, int node, JsonElement expected, string path)
    {
        var kind = document.Kind(node);
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null: return Same(kind, TapeKind.Null, path);
            case JsonValueKind.True: return Same(kind, TapeKind.True, path);
            case JsonValueKind.False: return Same(kind, TapeKind.False, path);
            case JsonValueKind.String:
                return Same(kind, TapeKind.String, path) ?? Same(document.String(node), expected.GetString(), path)
                    ?? (document.TryUtf8(node, out var utf8) ? Same(System.Text.Encoding.UTF8.GetString(utf8), expected.GetString(), path) : null)
                    ?? (document.IsPlainAscii(node) ? Same(document.Node(node).Length, expected.GetString()!.Length, path) : null);
            case JsonValueKind.Number:
                var whole = expected.GetRawText().AsSpan().IndexOfAny(".eE") < 0 && expected.TryGetInt64(out _);
                return Same(kind, whole ? TapeKind.Int : TapeKind.Double, path)
                    ?? (whole ? Same(document.Node(node).Number, expected.GetInt64(), path) : Same(document.Double(node), expected.GetDouble(), path));
            case JsonValueKind.Array: return Same(kind, TapeKind.Array, path) ?? Items(document, node, expected, path);
            default: return Same(kind, TapeKind.Object, path) ?? Properties(document, node, expected, path);
        }
    }

    private static string? Items(CelDocument document, int node, JsonElement expected, string path)
    {
        var difference = Same(document.Count(node), expected.GetArrayLength(), path);
        var at = node + 1;
        for (var i = 0; difference is null && i < expected.GetArrayLength(); i++, at = document.After(at))
        {
            difference = Same(document.Element(node, i), at, $"{path}[{i}] place") ?? Difference(document, at, expected[i], $"{path}[{i}]");
        }

        return difference ?? Same(document.After(node), at, $"{path} end");
    }

    private static string? Properties(CelDocument document, int node, JsonElement expected, string path)
    {
        var at = node + 1;
        var names = new HashSet<string>();
        var count = 0;
        foreach (var property in expected.EnumerateObject())
        {
            names.Add(property.Name);
            count++;
            var value = expected.GetProperty(property.Name);
            var utf8 = System.Text.Encoding.UTF8.GetBytes(property.Name);
            var difference = Same(document.String(at), property.Name, $"{path} name")
                ?? Same(document.TryGet(node, new FieldName(property.Name), out var place), true, $"{path}.{property.Name} is found")
                ?? Same(document.TryGet(node, utf8, out var again) ? again : -1, place, $"{path}.{property.Name} by bytes")
                ?? Difference(document, place, value, $"{path}.{property.Name}")
                ?? (document.TryGet(node, new FieldName(property.Name + "x"), out _) == expected.TryGetProperty(property.Name + "x", out _) ? null : $"{path} absent");
            if (difference is not null)
            {
                return difference;
            }

            at = document.After(at + 1);
        }

        return Same(document.Count(node), count, path)
            ?? Same(document.HasDuplicates(node), names.Count != count, $"{path} duplicates")
            ?? Same(document.After(node), at, $"{path} end");
    }

    private static string? Same<T>(T actual, T expected, string path) =>
        EqualityComparer<T>.Default.Equals(actual, expected) ? null : $"{path}: {actual}, not {expected}";
}
