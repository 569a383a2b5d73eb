using System.Text.Json.Serialization;
using Capstan;

namespace Databases.Resources;

/// <summary>JSON contracts of the operator's kinds, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(TimeConverter)])]
[JsonSerializable(typeof(Database))]
[JsonSerializable(typeof(Backup))]
[JsonSerializable(typeof(Restore))]
internal sealed partial class ResourcesJson : JsonSerializerContext;
