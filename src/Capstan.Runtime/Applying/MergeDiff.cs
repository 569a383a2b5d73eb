using System.Runtime.InteropServices;
using System.Text.Json;

namespace Capstan.Applying;

/// <summary>The smallest merge patch (RFC 7386) from one JSON object to another, written as it is found: no tree is made of either.</summary>
/// <remarks>What is undefined is as what is null: to a merge patch they are the same.</remarks>
internal static class MergeDiff
{
    /// <summary>Whether the two mean something else.</summary>
    public static bool Differs(JsonElement before, JsonElement after)
    {
        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object)
        {
            return IsNull(before) ? !IsNull(after) : IsNull(after) || !JsonElement.DeepEquals(before, after);
        }

        foreach (var member in after.EnumerateObject())
        {
            if (Differs(Member(before, member), member.Value))
            {
                return true;
            }
        }

        foreach (var member in before.EnumerateObject())
        {
            if (IsRemoved(member, after))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes what to patch. Lists are replaced whole, as the format has it.</summary>
    /// <param name="writer">Gets one JSON object.</param>
    /// <param name="before">An object, or nothing.</param>
    /// <param name="after">An object, or nothing.</param>
    public static void Write(Utf8JsonWriter writer, JsonElement before, JsonElement after)
    {
        writer.WriteStartObject();
        if (after.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in after.EnumerateObject())
            {
                var old = Member(before, member);
                if (Differs(old, member.Value))
                {
                    writer.WritePropertyName(member.Name);
                    WriteChange(writer, old, member.Value);
                }
            }
        }

        if (before.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in before.EnumerateObject())
            {
                if (IsRemoved(member, after))
                {
                    writer.WriteNull(member.Name);
                }
            }
        }

        writer.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter writer, JsonElement old, JsonElement now)
    {
        if (now.ValueKind != JsonValueKind.Object)
        {
            now.WriteTo(writer);
        }
        else if (old.ValueKind == JsonValueKind.Object)
        {
            Write(writer, old, now);
        }
        else
        {
            WriteWithoutNulls(writer, now);
        }
    }

    /// <summary>In a patch a null removes: within something new there is nothing to remove.</summary>
    private static void WriteWithoutNulls(Utf8JsonWriter writer, JsonElement value)
    {
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            if (!IsNull(member.Value))
            {
                writer.WritePropertyName(member.Name);
                WriteChange(writer, default, member.Value);
            }
        }

        writer.WriteEndObject();
    }

    private static JsonElement Member(JsonElement of, JsonProperty like)
    {
        if (of.ValueKind != JsonValueKind.Object)
        {
            return default;
        }

        var raw = JsonMarshal.GetRawUtf8PropertyName(like);
        JsonElement found;
        return (raw.Contains((byte)'\\') ? of.TryGetProperty(like.Name, out found) : of.TryGetProperty(raw, out found)) ? found : default;
    }

    private static bool IsRemoved(JsonProperty member, JsonElement after) => !IsNull(member.Value) && Member(after, member).ValueKind == JsonValueKind.Undefined;

    private static bool IsNull(JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
}
