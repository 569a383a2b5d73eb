using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Capstan.Tool.Local.Operators;

namespace Capstan.Tool.Doctor;

/// <summary>The CustomResourceDefinitions of an operator: there, served, and with the fields that this version writes.</summary>
internal sealed class DefinitionsLook(KubeClient client, LocalOperator known)
{
    private const int MostFields = 5;

    private static readonly ResourceType Definitions = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);

    private string Apply => $"kubectl apply --server-side --force-conflicts -f operators/{known.Folder}/deploy/crds";

    /// <summary>Whether one of them is there.</summary>
    public static async Task<bool> AnyAsync(KubeClient client, LocalOperator known, CancellationToken stop)
    {
        foreach (var wanted in Wanted(known))
        {
            if (await client.FindAsync(Definitions, wanted.Key, stop) is not null)
            {
                return true;
            }
        }

        return false;
    }

    public async IAsyncEnumerable<Diagnosis> RunAsync([EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var wanted in Wanted(known))
        {
            var subject = $"{known.Name} definition {wanted.Key.Name}";
            if (await client.FindAsync(Definitions, wanted.Key, stop) is not { } found)
            {
                yield return Diagnosis.Wrong(subject, "is not there", Apply);
                continue;
            }

            yield return Judge(subject, wanted.ToJson(), found);
        }
    }

    private static IEnumerable<DynamicObject> Wanted(LocalOperator known) => known.Read(known.Ground).Where(manifest => manifest.Kind == Definitions.Kind);

    private Diagnosis Judge(string subject, JsonObject wanted, DynamicObject found)
    {
        if (found.DeletionTimestamp is { } since)
        {
            return Diagnosis.Wrong(subject, $"is being deleted since {since:u}: its objects go, and nothing new can be stored", "let it end (see the finalizers below), then apply it again");
        }

        var json = found.ToJson();
        var conditions = (json["status"]?["conditions"] as JsonArray ?? []).Where(condition => (string?)condition!["status"] != "True" && (string?)condition["type"] is "Established" or "NamesAccepted").ToList();
        if (conditions.Count > 0)
        {
            return Diagnosis.Wrong(subject, $"is not served: {conditions[0]!["type"]} is {conditions[0]!["status"]}, {conditions[0]!["message"]}", "remove the definition that holds its names");
        }

        foreach (var version in wanted["spec"]!["versions"]!.AsArray())
        {
            var name = (string)version!["name"]!;
            if ((json["spec"]!["versions"]!.AsArray()).FirstOrDefault(other => (string?)other!["name"] == name) is not { } live || (bool?)live["served"] != true)
            {
                return Diagnosis.Wrong(subject, $"does not serve version {name}", Apply);
            }

            var missing = Fields(version["schema"]!["openAPIV3Schema"]!, "").Except(Fields(live["schema"]?["openAPIV3Schema"], "")).ToList();
            if (missing.Count > 0)
            {
                return Diagnosis.Wrong(
                    subject,
                    $"is older than this version: what is written into {string.Join(", ", missing.Take(MostFields))}{(missing.Count > MostFields ? $" and {missing.Count - MostFields} more" : "")} is dropped",
                    Apply);
            }
        }

        return Diagnosis.Fine(subject, "is served, with all fields of this version");
    }

    private static IEnumerable<string> Fields(JsonNode? schema, string path)
    {
        if (schema?["items"] is { } items)
        {
            return Fields(items, $"{path}[]");
        }

        return schema?["properties"] is JsonObject properties
            ? properties.SelectMany(property => Fields(property.Value, $"{path}.{property.Key}").Prepend($"{path}.{property.Key}"))
            : [];
    }
}
