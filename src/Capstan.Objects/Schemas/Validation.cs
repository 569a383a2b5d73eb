using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>Judges values of custom resources by their schema, with the reasons and words of Kubernetes.</summary>
/// <remarks>Time grows with the size of the value times the size of the schema: patterns run without backtracking, uniqueness is found by hashing.</remarks>
public static class Validation
{
    /// <summary>Adds every fault of <paramref name="value"/> to <paramref name="errors"/>: those of the schema, then of embedded objects, then repeated entries of sets and maps.</summary>
    /// <param name="value">The value; null is JSON's null.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="path">Path of the value, for example <c>spec</c>; empty for a whole object.</param>
    /// <param name="errors">Receives the faults, none twice.</param>
    public static void Check(JsonNode? value, Schema schema, string path, ICollection<FieldError> errors)
    {
        var findings = new Findings();
        SchemaCheck.Run(value, schema, path, findings);
        if (!findings.IsCutOff)
        {
            EmbeddedCheck.Run(value, schema, path, isEmbedded: false, findings);
            ListCheck.Run(value, schema, path, findings);
        }

        foreach (var error in findings.Errors)
        {
            errors.Add(error);
        }
    }
}
