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

        Add(findings, errors);
    }

    /// <summary>Adds the faults of a change of a whole object: what is as it was before is not held against it.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="old">What it was.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="errors">Receives the faults, none twice.</param>
    public static void CheckUpdate(JsonObject obj, JsonObject old, Schema schema, ICollection<FieldError> errors)
    {
        var findings = new Findings();
        SchemaCheck.Run(obj, schema, "", findings, new Former(obj, old, schema));
        if (!findings.IsCutOff)
        {
            EmbeddedCheck.Run(obj, schema, "", isEmbedded: false, findings);
            CheckNewRepetitions(obj, old, schema, findings);
        }

        Add(findings, errors);
    }

    /// <summary>Adds the faults of a change of the status alone. Kubernetes words them as if the status were the whole object.</summary>
    /// <param name="obj">The object with its new status.</param>
    /// <param name="old">What it was.</param>
    /// <param name="schema">The schema of the whole object.</param>
    /// <param name="errors">Receives the faults, none twice.</param>
    public static void CheckStatusUpdate(JsonObject obj, JsonObject old, Schema schema, ICollection<FieldError> errors)
    {
        const string name = "status";
        var findings = new Findings();
        if (obj.TryGetPropertyValue(name, out var status) && schema.Field(name) is { } field)
        {
            // One that was absent counts as null.
            SchemaCheck.Run(status, field, "", findings, new Former(status, old[name], field));
        }

        foreach (var error in findings.Errors)
        {
            errors.Add(error.Field == "<nil>" ? error : error with { Field = SchemaCheck.Join(name, error.Field).TrimEnd('.') });
        }

        if (!findings.IsCutOff)
        {
            var repetitions = new Findings();
            CheckNewRepetitions(obj, old, schema, repetitions);
            Add(repetitions, errors);
        }
    }

    private static void CheckNewRepetitions(JsonObject obj, JsonObject old, Schema schema, Findings findings)
    {
        var former = new Findings();
        ListCheck.Run(old, schema, "", former);
        if (former.IsValid)
        {
            ListCheck.Run(obj, schema, "", findings);
        }
    }

    private static void Add(Findings findings, ICollection<FieldError> errors)
    {
        foreach (var error in findings.Errors)
        {
            errors.Add(error);
        }
    }
}
