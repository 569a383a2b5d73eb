using System.Text.Json.Nodes;

namespace Capstan.Cel.Kubernetes.Tests.Facts;

/// <summary>Says of a case of a file why it does not hold; null when it holds.</summary>
internal delegate string? FactJudge(JsonNode file, JsonNode fact);

/// <summary>Which class judges the facts of which file.</summary>
internal static class FactJudges
{
    // A fact holds when all judges of its file say so.
    private static readonly Dictionary<string, FactJudge[]> ByFile = new(StringComparer.Ordinal)
    {
        ["admission_budget"] = [AdmissionFacts.JudgeBudget],
        ["admission_compile"] = [AdmissionFacts.JudgeCompile],
        ["admission_condition"] = [AdmissionFacts.JudgeCondition],
        ["admission_variables"] = [AdmissionFacts.JudgeVariables],
        ["celgo_ext"] = [CelGoExtensions.Judge],
        ["crd_compile"] = [CrdCompile.Judge],
        ["crd_estimated_cost"] = [CrdEstimatedCost.Judge],
        ["crd_message_expression"] = [CrdMessageExpression.Judge],
        ["crd_runtime_cost"] = [CrdRuntimeCost.Judge],
        ["crd_schema_rules"] = [CrdSchemaRules.Judge],
        ["crd_validation"] = [CrdValidation.Judge],
        ["escaping"] = [Escaping.Judge],
        ["library_cidr"] = [LibraryFacts.Judge],
        ["library_cost"] = [LibraryEstimatedCost.Judge, LibraryRuntimeCost.Judge],
        ["library_format"] = [LibraryFacts.Judge],
        ["library_ip"] = [LibraryFacts.Judge],
        ["library_quantity"] = [LibraryFacts.Judge],
        ["library_semver"] = [LibraryFacts.JudgeSemver],
    };

    public static IReadOnlyCollection<string> Files => ByFile.Keys;

    /// <summary>The judges of a file; null when it is of no table that is known. A file of more facts may bear its table's name with something behind.</summary>
    public static FactJudge[]? Of(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var table = ByFile.Keys.Where(key => name.StartsWith(key, StringComparison.Ordinal)).MaxBy(key => key.Length);
        return table is null ? null : ByFile[table];
    }
}
