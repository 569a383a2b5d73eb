using System.Text.Json;
using Databases.Resources;

namespace Databases.Admission;

/// <summary>A spec as text, to compare one with another.</summary>
internal static class SpecText
{
    public static string Of(Database database) => JsonSerializer.Serialize(database.Spec, ResourcesJson.Default.DatabaseSpec);
}
