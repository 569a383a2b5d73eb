using System.Globalization;
using System.Text.Json.Nodes;
using KubeTemplater.Resources;

namespace Capstan.Tool.Load.Work;

/// <summary>The objects of a load: their names, and what is in them. The same numbers are always the same objects.</summary>
/// <param name="run">Name of the run: begins the names of its namespaces, and is the label of all that it makes.</param>
/// <param name="resources">ConfigMaps of each template.</param>
/// <param name="namespaces">Namespaces that they are spread over.</param>
internal sealed class TemplatePlan(string run, int resources, int namespaces)
{
    /// <summary>Label of all that a run makes, with the run as its value.</summary>
    public const string RunLabel = "capstan.dev/load-run";

    /// <summary>Name of the run.</summary>
    public string Run => run;

    /// <summary>Names of the namespaces.</summary>
    public IReadOnlyList<string> Namespaces { get; } = [.. Enumerable.Range(0, namespaces).Select(i => string.Create(CultureInfo.InvariantCulture, $"{run}-{i}"))];

    /// <summary>Objects that each template makes.</summary>
    public int Resources => resources;

    /// <summary>Key of a template.</summary>
    public ObjectKey KeyOf(long number) => new(Namespaces[(int)(number % Namespaces.Count)], string.Create(CultureInfo.InvariantCulture, $"load-{number}"));

    /// <summary>Key of one of its ConfigMaps.</summary>
    public ObjectKey ConfigMapOf(long number, int resource) => KeyOf(number) is var key ? new(key.Namespace, string.Create(CultureInfo.InvariantCulture, $"{key.Name}-{resource}")) : default;

    /// <summary>A template in one of its versions; each version changes each of its objects.</summary>
    /// <param name="number">Which.</param>
    /// <param name="version">0 as it is made, more as it is changed.</param>
    /// <param name="owned">Whether its objects go with it.</param>
    public DynamicObject Template(long number, long version = 0, bool owned = false)
    {
        var key = KeyOf(number);
        return DynamicObject.From(new JsonObject
        {
            ["apiVersion"] = "kubetemplater.io/v1alpha1",
            ["kind"] = KubeTemplate.Resource.Kind,
            ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["labels"] = new JsonObject { [RunLabel] = run } },
            ["spec"] = new JsonObject { ["templates"] = new JsonArray([.. Enumerable.Range(0, resources).Select(i => (JsonNode)Entry(number, i, version, owned))]) },
        });
    }

    /// <summary>The policy that lets the templates of a namespace have what they ask for.</summary>
    public DynamicObject Policy(string @namespace, string operatorNamespace) => DynamicObject.From(new JsonObject
    {
        ["apiVersion"] = "kubetemplater.io/v1alpha1",
        ["kind"] = KubeTemplatePolicy.Resource.Kind,
        ["metadata"] = new JsonObject { ["name"] = @namespace, ["namespace"] = operatorNamespace, ["labels"] = new JsonObject { [RunLabel] = run } },
        ["spec"] = new JsonObject
        {
            ["sourceNamespace"] = @namespace,
            ["validationRules"] = new JsonArray(new JsonObject { ["kind"] = "ConfigMap", ["group"] = "", ["version"] = "v1", ["targetNamespaces"] = new JsonArray(@namespace) }),
        },
    });

    private JsonObject Entry(long number, int resource, long version, bool owned)
    {
        var entry = new JsonObject
        {
            ["object"] = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = ConfigMapOf(number, resource).Name, ["labels"] = new JsonObject { [RunLabel] = run } },
                ["data"] = new JsonObject { ["version"] = version.ToString(CultureInfo.InvariantCulture), ["mode"] = "fast", ["greeting"] = "as a settings file might begin, with a line or two" },
            },
        };
        if (owned)
        {
            entry["referenced"] = true;
        }

        return entry;
    }
}
