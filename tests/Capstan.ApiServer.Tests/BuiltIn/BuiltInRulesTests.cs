using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry;
using Capstan.ApiServer.Tests.Catalogues;
using Capstan.Schemas;
using Xunit;

namespace Capstan.ApiServer.Tests.BuiltIn;

public class BuiltInRulesTests
{
    private static KindRules Rules(string kind) => CatalogueTests.BuiltIn.First(r => r.Type.Kind == kind && r.Type.Group is "" or "apps" or "batch" && r.Type.Kind == kind).Rules;

    private static JsonObject Defaulted(string kind, string json, out List<FieldError> errors)
    {
        var obj = JsonNode.Parse(json)!.AsObject();
        obj["metadata"] ??= new JsonObject();
        obj["metadata"]!["name"] ??= "x";
        obj["metadata"]!["namespace"] ??= "default";
        var rules = Rules(kind);
        rules.Prune(obj, null);
        rules.Default(obj);
        rules.PrepareForCreate(obj);
        errors = [];
        rules.Validate(obj, errors);
        TestContext.Current.TestOutputHelper?.WriteLine(obj.ToJsonString() + "\n" + string.Join("\n", errors));
        return obj;
    }

    [Fact]
    public void A_deployment_gets_what_kubernetes_gives_it()
    {
        var deployment = Defaulted("Deployment", """
            {"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"},"creationTimestamp":null},"spec":{"hostNetwork":false,"containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}]}]}}}}
            """, out var errors);
        Assert.Empty(errors);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"replicas":1,"selector":{"matchLabels":{"a":"b"}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}},
             "revisionHistoryLimit":10,"progressDeadlineSeconds":600,
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler",
               "containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"}]}}}
            """), deployment["spec"]), deployment["spec"]!.ToJsonString());
        Assert.Equal("{}", deployment["status"]!.ToJsonString());
    }

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("nginx:1", "IfNotPresent")]
    [InlineData("registry.example:5000/nginx", "Always")]
    [InlineData("nginx@sha256:0123", "IfNotPresent")]
    [InlineData("nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "IfNotPresent")]
    [InlineData("Registry/nginx", "Always")]
    [InlineData("No Name", "IfNotPresent")]
    [InlineData("NGINX", "IfNotPresent")]
    [InlineData("a/b__c-d:latest", "Always")]
    public void The_pull_policy_follows_the_tag(string image, string policy)
    {
        var pod = Defaulted("Pod", $$$"""{"spec":{"containers":[{"name":"c","image":"{{{image}}}"}]}}""", out _);
        Assert.Equal(policy, (string?)pod["spec"]!["containers"]![0]!["imagePullPolicy"]);
    }

    [Fact]
    public void A_pod_asks_for_its_limits_and_is_ranked_by_them()
    {
        var pod = Defaulted("Pod", """{"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}}""", out var errors);
        Assert.Empty(errors);
        Assert.Equal("""{"cpu":"1","memory":"1Gi"}""", pod["spec"]!["containers"]![0]!["resources"]!["requests"]!.ToJsonString());
        Assert.Equal("Guaranteed", (string?)pod["status"]!["qosClass"]);
    }

    [Fact]
    public void Mistakes_of_a_pod_are_told_in_kubernetes_order_and_words()
    {
        Defaulted("Pod", """
            {"spec":{"restartPolicy":"Sometimes","containers":[{"name":"Main","image":""},{"name":"two","image":"i","ports":[{"containerPort":0}],"volumeMounts":[{"name":"v","mountPath":"/v"}]},{"name":"two","image":" i"}]}}
            """, out var errors);
        Assert.Equal(
        [
            "spec.containers[0].name: Invalid value: \"Main\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
            "spec.containers[0].image: Required value",
            "spec.containers[1].ports[0].containerPort: Required value",
            "spec.containers[1].volumeMounts[0].name: Not found: \"v\"",
            "spec.containers[2].name: Duplicate value: \"two\"",
            "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"",
            "spec.containers[2].image: Invalid value: \" i\": must not have leading or trailing whitespace",
        ], errors.Select(e => e.ToString()));
    }

    [Fact]
    public void A_config_map_is_at_most_a_mebibyte_and_has_file_names_for_keys()
    {
        var large = new JsonObject { ["data"] = new JsonObject { ["a"] = new string('x', 1 << 20), ["b/c"] = "y" } };
        Defaulted("ConfigMap", large.ToJsonString(), out var errors);
        Assert.Equal(
            ["data[b/c]", "[]: Too long: may not be more than 1048576 bytes"],
            [errors[0].Field, errors[1].ToString()]);
        Defaulted("ConfigMap", new JsonObject { ["data"] = new JsonObject { ["a"] = new string('x', 1 << 20) } }.ToJsonString(), out errors);
        Assert.Empty(errors);
    }

    [Fact]
    public void Text_of_a_secret_becomes_data()
    {
        var secret = Defaulted("Secret", """{"data":{"a":"QQ=="},"stringData":{"a":"new","b":"ü"}}""", out var errors);
        Assert.Empty(errors);
        Assert.Equal("""{"a":"bmV3","b":"w7w="}""", secret["data"]!.ToJsonString());
        Assert.Equal("Opaque", (string?)secret["type"]);
        Assert.Null(secret["stringData"]);
    }

    [Theory]
    [InlineData("ConfigMap", """{"immutable":true,"data":{"a":"1"}}""", """{"immutable":true,"data":{"a":"2"}}""", "data: Forbidden: field is immutable when `immutable` is set")]
    [InlineData("Secret", """{"type":"Opaque"}""", """{"type":"example.com/x"}""", "type: Invalid value: \"example.com/x\": field is immutable")]
    [InlineData("StatefulSet", """{"spec":{"serviceName":"a","selector":{"matchLabels":{"l":"v"}},"template":{"metadata":{"labels":{"l":"v"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""",
        """{"spec":{"serviceName":"b","selector":{"matchLabels":{"l":"v"}},"template":{"metadata":{"labels":{"l":"v"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""",
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")]
    public void What_may_not_change_does_not(string kind, string before, string after, string fault)
    {
        var old = Defaulted(kind, before, out _);
        old["metadata"]!["resourceVersion"] = "1";
        var now = Defaulted(kind, after, out _);
        now["metadata"]!["resourceVersion"] = "1";
        List<FieldError> errors = [];
        Rules(kind).ValidateUpdate(now, old, "", errors, []);
        Assert.Equal([fault], errors.Select(e => e.ToString()));
        errors.Clear();
        Rules(kind).ValidateUpdate(old.DeepClone().AsObject(), old, "", errors, []);
        Assert.Empty(errors);
    }

    [Fact]
    public void The_selector_must_select_the_template()
    {
        Defaulted("Deployment", """{"spec":{"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"b"}},"spec":{"containers":[{"name":"m","image":"a:1"}]}}}}""", out var errors);
        Assert.Equal(["spec.template.metadata.labels: Invalid value: {\"app\":\"b\"}: `selector` does not match template `labels`"], errors.Select(e => e.ToString()));
    }

    [Fact]
    public void Metadata_is_judged_for_every_kind()
    {
        Defaulted("ConfigMap", """
            {"metadata":{"name":"Bad_Name","labels":{"a b":"c d"},"finalizers":["plain space"],"ownerReferences":[{"apiVersion":"v1","kind":"","name":"o","uid":"u"}]}}
            """, out var errors);
        Assert.Equal(
            ["metadata.name", "metadata.labels", "metadata.labels", "metadata.ownerReferences.kind", "metadata.finalizers", "metadata.finalizers[0]"],
            errors.Select(e => e.Field));
    }

    [Fact]
    public void Defaulting_twice_changes_nothing_more_for_every_kind()
    {
        foreach (var resource in CatalogueTests.BuiltIn)
        {
            var obj = JsonNode.Parse("""{"metadata":{"name":"x","labels":{}},"spec":{},"status":{}}""")!.AsObject();
            obj["apiVersion"] = resource.Type.ApiVersion;
            obj["kind"] = resource.Type.Kind;
            resource.Rules.Prune(obj, null);
            resource.Rules.Default(obj);
            var once = obj.ToJsonString();
            resource.Rules.Default(obj);
            Assert.Equal(once, obj.ToJsonString());
        }
    }
}
