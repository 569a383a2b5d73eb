using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>What the schema of a CustomResourceDefinition must obey so that values can be pruned, defaulted and applied.</summary>
public static class StructuralRules
{
    /// <summary>Faults of <paramref name="openApiV3Schema"/>; <paramref name="path"/> is where it stands, for example <c>spec.validation.openAPIV3Schema</c>.</summary>
    public static IEnumerable<FieldError> Check(JsonObject openApiV3Schema, string path)
    {
        if (openApiV3Schema["type"] is null)
        {
            yield return FieldErrors.Required($"{path}.type", "must not be empty at the root");
        }
    }
}
