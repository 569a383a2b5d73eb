using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry;

/// <summary>Reads quantities.</summary>
internal static class ResourceLists
{
    /// <summary>The quantity in a field, written as text or as a number; null when it is none.</summary>
    public static Quantity? Of(JsonNode? value) =>
        Capstan.Quantity.TryParse(value.Text() ?? value?.ToJsonString(), out var quantity, out _) ? quantity : null;
}
