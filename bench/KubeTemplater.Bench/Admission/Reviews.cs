using System.Text;
using System.Text.Json.Nodes;

namespace KubeTemplater.Bench.Admission;

/// <summary>Templates, the policy that allows them, and the reviews that an API server would send.</summary>
internal static class Reviews
{
    /// <summary>A policy with this many rules, each with checks of every type; the template's kinds are spread over them.</summary>
    public static string Policy(string ns, int rules) => new JsonObject
    {
        ["apiVersion"] = "kubetemplater.io/v1alpha1",
        ["kind"] = "KubeTemplatePolicy",
        ["metadata"] = new JsonObject { ["name"] = ns, ["namespace"] = WebhookRun.OperatorNamespace },
        ["spec"] = new JsonObject
        {
            ["sourceNamespace"] = ns,
            ["validationRules"] = new JsonArray([.. Enumerable.Range(0, rules).Select(i => (JsonNode)Rule(ns, i))]),
        },
    }.ToJsonString();

    /// <summary>The body of a review of a new template.</summary>
    public static byte[] Create(string ns, int number, int resources) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["kind"] = "AdmissionReview",
        ["apiVersion"] = "admission.k8s.io/v1",
        ["request"] = new JsonObject
        {
            ["uid"] = Guid.NewGuid().ToString(),
            ["kind"] = new JsonObject { ["group"] = "kubetemplater.io", ["version"] = "v1alpha1", ["kind"] = "KubeTemplate" },
            ["resource"] = new JsonObject { ["group"] = "kubetemplater.io", ["version"] = "v1alpha1", ["resource"] = "kubetemplates" },
            ["name"] = $"shop-{number}",
            ["namespace"] = ns,
            ["operation"] = "CREATE",
            ["userInfo"] = new JsonObject { ["username"] = "bench", ["groups"] = new JsonArray("system:authenticated") },
            ["object"] = new JsonObject
            {
                ["apiVersion"] = "kubetemplater.io/v1alpha1",
                ["kind"] = "KubeTemplate",
                ["metadata"] = new JsonObject { ["name"] = $"shop-{number}", ["namespace"] = ns, ["uid"] = Guid.NewGuid().ToString(), ["generation"] = 1 },
                ["spec"] = new JsonObject { ["templates"] = new JsonArray([.. Enumerable.Range(0, resources).Select(i => (JsonNode)new JsonObject { ["object"] = Entry(ns, number, i) })]) },
            },
            ["dryRun"] = false,
        },
    }.ToJsonString());

    /// <summary>A policy whose only rule is as expensive as the server lets it be.</summary>
    public static string HostilePolicy(string ns) => new JsonObject
    {
        ["apiVersion"] = "kubetemplater.io/v1alpha1",
        ["kind"] = "KubeTemplatePolicy",
        ["metadata"] = new JsonObject { ["name"] = ns, ["namespace"] = WebhookRun.OperatorNamespace },
        ["spec"] = new JsonObject
        {
            ["sourceNamespace"] = ns,
            ["validationRules"] = new JsonArray(new JsonObject
            {
                ["kind"] = "*", ["group"] = "*", ["version"] = "*", ["targetNamespaces"] = new JsonArray(ns),
                ["fieldValidations"] = new JsonArray(
                    Check("cel", ("cel", "[0,1,2,3,4,5,6,7,8,9].map(a, [0,1,2,3,4,5,6,7,8,9].map(b, [0,1,2,3,4,5,6,7,8,9].map(c, [0,1,2,3,4,5,6,7,8,9].map(d, [0,1,2,3,4,5,6,7,8,9].map(e, [0,1,2,3,4,5,6,7,8,9].map(f, 1)))))).size() > 0")),
                    Check("regex", ("fieldPath", "metadata.name"), ("regex", "(x?){50}x{50}(a|b|ab|ba)*$"))),
            }),
        },
    }.ToJsonString();

    private static JsonObject Rule(string ns, int i)
    {
        var (kind, group) = Kind(i);
        var rule = new JsonObject
        {
            // The first four rules are those of the template's kinds; of the others each must be passed over.
            ["kind"] = i < 4 ? kind : $"{kind}{i}", ["group"] = group, ["version"] = "v1", ["targetNamespaces"] = new JsonArray(ns, $"{ns}-*"),
            ["fieldValidations"] = new JsonArray(
                Check("regex", ("fieldPath", "metadata.name"), ("regex", "^shop-[0-9]+-[a-z0-9-]+$")),
                Check("required", ("fieldPath", "metadata.labels.team")),
                Check("cel", ("cel", "object.metadata.labels.all(k, v, v.size() < 64) && object.metadata.name.startsWith('shop-')")),
                Check("forbidden", ("fieldPath", "metadata.annotations.privileged"))),
        };
        if (kind == "Deployment")
        {
            var checks = (JsonArray)rule["fieldValidations"]!;
            checks.Add((JsonNode)Range("spec.replicas", 1, 10));
            checks.Add((JsonNode)Check("cel", ("cel", "object.spec.template.spec.containers.all(c, has(c.resources) && has(c.resources.limits) && quantity(c.resources.limits.memory).isLessThan(quantity('1Gi')))")));
            checks.Add((JsonNode)Check("regex", ("fieldPath", "spec.template.spec.containers[*].image"), ("regex", "^registry\\.local/[a-z/]+:[0-9.]+$")));
        }

        return rule;
    }

    private static JsonObject Entry(string ns, int number, int i)
    {
        var (kind, group) = Kind(i);
        var name = $"shop-{number}-part-{i}";
        var entry = new JsonObject
        {
            ["apiVersion"] = group.Length == 0 ? "v1" : $"{group}/v1",
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns, ["labels"] = new JsonObject { ["team"] = "blue", ["app"] = "shop", ["part"] = $"p{i}" } },
        };
        entry[kind == "ConfigMap" || kind == "Secret" ? "data" : "spec"] = kind switch
        {
            "Deployment" => JsonNode.Parse("""
                {"replicas":3,"selector":{"matchLabels":{"app":"shop"}},"template":{"metadata":{"labels":{"app":"shop"}},"spec":{"containers":[
                 {"name":"web","image":"registry.local/shop/web:1.4","ports":[{"containerPort":8080}],"env":[{"name":"MODE","value":"fast"},{"name":"LEVEL","value":"info"}],"resources":{"limits":{"cpu":"200m","memory":"128Mi"},"requests":{"cpu":"100m","memory":"64Mi"}}},
                 {"name":"log","image":"registry.local/shop/log:2.0","resources":{"limits":{"cpu":"50m","memory":"32Mi"}}}]}}}
                """),
            "Service" => JsonNode.Parse("""{"selector":{"app":"shop"},"ports":[{"name":"http","port":80,"targetPort":8080}]}"""),
            _ => JsonNode.Parse("""{"mode":"fast","level":"info","text":"some settings of a usual length, one line of them or two, and no more than that"}"""),
        };
        return entry;
    }

    private static (string Kind, string Group) Kind(int i) => (i % 4) switch { 0 => ("ConfigMap", ""), 1 => ("Deployment", "apps"), 2 => ("Service", ""), _ => ("Secret", "") };

    private static JsonObject Check(string type, params (string Key, string Value)[] more)
    {
        var check = new JsonObject { ["name"] = type, ["type"] = type };
        foreach (var (key, value) in more)
        {
            check[key] = value;
        }

        return check;
    }

    private static JsonObject Range(string path, int min, int max) => new() { ["name"] = "range", ["type"] = "range", ["fieldPath"] = path, ["min"] = min, ["max"] = max };
}
