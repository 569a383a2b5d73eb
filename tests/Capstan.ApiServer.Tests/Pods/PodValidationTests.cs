using System.Net;
using Xunit;

namespace Capstan.ApiServer.Tests.Pods;

/// <summary>Faults and warnings of pods, in Kubernetes' order and words: each case was asked of a real kube-apiserver.</summary>
public sealed class PodValidationTests(ClusterServer server) : IClassFixture<ClusterServer>
{
    private const string Qualified = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private async Task<IEnumerable<string>> FaultsAsync(string container, string spec)
    {
        var ns = await server.FurnishedAsync();
        var more = container.Length > 0 ? "," + container : "";
        var refused = await server.PostAsync($"{ns}/pods", $$$"""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1"{{{more}}}}]{{{(spec.Length > 0 ? "," + spec : "")}}}}}""");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Code);
        return refused.Json["details"]!["causes"]!.AsArray().Select(c => $"{c!["field"]}: {c["message"]}");
    }

    [Theory]
    [InlineData(""" "env":[{"name":"A","value":"x","valueFrom":{"fieldRef":{"fieldPath":"status.phase"}}}] """,
        "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"status.phase\": supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"",
        "spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty")]
    [InlineData(""" "envFrom":[{"prefix":"a=b"}] """,
        "spec.containers[0].envFrom[0].prefix: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '='",
        "spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`")]
    [InlineData(""" "livenessProbe":{"periodSeconds":-1,"successThreshold":2} """,
        "spec.containers[0].livenessProbe: Required value: must specify a handler type",
        "spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0",
        "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData(""" "readinessProbe":{"httpGet":{"port":70000,"scheme":"FTP"},"tcpSocket":{"port":1}} """,
        "spec.containers[0].readinessProbe.httpGet.port: Invalid value: 70000: must be between 1 and 65535, inclusive",
        "spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: \"FTP\": supported values: \"HTTP\", \"HTTPS\"",
        "spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type")]
    [InlineData(""" "resources":{"limits":{"cpu":"1","gpu":"1"},"requests":{"cpu":"2","example.com/x":"1.5"}} """,
        "spec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully qualified",
        "spec.containers[0].resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource for containers",
        "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
        "*", "*", "*")]
    [InlineData(""" "securityContext":{"runAsUser":-1,"seccompProfile":{"type":"Localhost"},"procMount":"Other"} """,
        "spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
        "spec.containers[0].securityContext.procMount: Unsupported value: \"Other\": supported values: \"Default\", \"Unmasked\"",
        "spec.containers[0].securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost")]
    [InlineData(""" "volumeMounts":[{"name":"none","mountPath":"/a","subPath":"../x"}] """,
        "spec.containers[0].volumeMounts[0].name: Not found: \"none\"",
        "spec.containers[0].volumeMounts.subPath: Invalid value: \"../x\": must not contain '..'")]
    public async Task Mistakes_of_a_container_are_told(string container, params string[] faults)
    {
        var seen = (await FaultsAsync(container, "")).ToList();
        Assert.Equal(faults.Where(f => f != "*"), faults.Contains("*") ? seen.Take(faults.Count(f => f != "*")) : seen);
    }

    [Theory]
    [InlineData(""" "schedulingGates":[{"name":"a"},{"name":"a"}],"nodeName":"n" """,
        "spec.schedulingGates[1]: Duplicate value: \"a\"", "spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared")]
    [InlineData(""" "dnsPolicy":"None" """, "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None")]
    [InlineData(""" "readinessGates":[{"conditionType":"a b"}] """, "spec.readinessGates[0].conditionType: Invalid value: \"a b\": " + Qualified)]
    [InlineData(""" "tolerations":[{"key":"a","operator":"Like"}] """, "spec.tolerations[0].operator: Unsupported value: \"Like\": supported values: \"Equal\", \"Exists\"")]
    [InlineData(""" "initContainers":[{"name":"c","image":"i:1","livenessProbe":{"tcpSocket":{"port":1}}}] """,
        "spec.initContainers[0].name: Duplicate value: \"c\"", "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always")]
    [InlineData(""" "ephemeralContainers":[{"name":"e","image":"i:1"}] """, "spec.ephemeralContainers: Forbidden: cannot be set on create")]
    [InlineData(""" "hostNetwork":true,"hostUsers":false,"hostPID":true """,
        "spec.hostNetwork: Forbidden: when `hostUsers` is false", "spec.HostPID: Forbidden: when `hostUsers` is false")]
    [InlineData(""" "volumes":[{"name":"v","emptyDir":{},"secret":{"secretName":"s"}},{"name":"w","projected":{"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":60}}]}}] """,
        "spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type",
        "spec.volumes[1].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes")]
    [InlineData(""" "affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":0,"podAffinityTerm":{"topologyKey":"zone"}}]}} """,
        "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100")]
    public async Task Mistakes_of_a_spec_are_told(string spec, params string[] faults) => Assert.Equal(faults, await FaultsAsync("", spec));

    [Theory]
    [InlineData("""{"spec":{"restartPolicy":"Never"}}""", "- \"RestartPolicy\": \"Always\",\n+ \"RestartPolicy\": \"Never\",\n")]
    [InlineData("""{"spec":{"nodeName":"n"}}""", "- \"NodeName\": \"\",\n+ \"NodeName\": \"n\",\n")]
    public async Task A_change_that_may_not_be_is_shown(string patch, string lines)
    {
        var ns = await server.FurnishedAsync();
        await server.PodAsync(ns, "p");
        var refused = await server.PatchAsync($"{ns}/pods/p", TestServer.MergePatch, patch);
        Assert.StartsWith("Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`", refused.Message, StringComparison.Ordinal);
        Assert.Contains(lines, refused.Message, StringComparison.Ordinal);
        Assert.Matches("\\n@@ -[0-9]+,7 \\+[0-9]+,7 @@\\n", refused.Message);
    }

    [Fact]
    public async Task A_gated_pod_may_be_narrowed_and_let_go()
    {
        var ns = await server.FurnishedAsync();
        var made = await server.PodAsync(ns, "p", """ "schedulingGates":[{"name":"example.com/wait"}],"nodeSelector":{"zone":"a"} """);
        Assert.Equal("SchedulingGated", (string?)made.Json["status"]!["conditions"]![0]!["reason"]);
        Assert.Null(made.Json["status"]!["conditions"]![0]!["lastProbeTime"]);
        Assert.True(made.Json["status"]!["conditions"]![0]!.AsObject().ContainsKey("lastProbeTime"));
        Task<Answer> PatchAsync(string spec) => server.PatchAsync($"{ns}/pods/p", TestServer.MergePatch, $$$"""{"spec":{{{spec}}}}""");
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync("""{"nodeSelector":{"disk":"ssd"}}""")).Code);
        Assert.Equal("Pod \"p\" is invalid: spec.nodeSelector: Invalid value: {\"zone\":\"a\"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)",
            (await PatchAsync("""{"nodeSelector":{"disk":null}}""")).Message);
        Assert.Equal("Pod \"p\" is invalid: spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'example.com/late'",
            (await PatchAsync("""{"schedulingGates":[{"name":"example.com/late"}]}""")).Message);
        var free = await PatchAsync("""{"schedulingGates":null}""");
        Assert.Equal(3, (int?)free.Json["metadata"]!["generation"]);
    }

    [Theory]
    [InlineData("""{"qosClass":"Guaranteed"}""", "status.qosClass: Invalid value: \"Guaranteed\": field is immutable")]
    [InlineData("""{"conditions":[{"type":"a b","status":"True"}]}""", "status.conditions[0].Type: Invalid value: \"a b\": " + Qualified)]
    [InlineData("""{"hostIPs":[{"ip":"192.0.2.1"}]}""", "status.hostIPs[0].ip: Invalid value: \"192.0.2.1\": must be equal to `hostIP`")]
    [InlineData("""{"podIPs":[{"ip":"192.0.2.1"},{"ip":"192.0.2.2"}]}""", "status.podIPs: Invalid value: [{\"IP\":\"192.0.2.1\"},{\"IP\":\"192.0.2.2\"}]: may specify no more than one IP for each IP family")]
    public async Task Mistakes_of_a_status_are_told(string status, string fault)
    {
        var ns = await server.FurnishedAsync();
        await server.PodAsync(ns, "p");
        var refused = await server.PatchAsync($"{ns}/pods/p/status", TestServer.MergePatch, $$$"""{"status":{{{status}}}}""");
        Assert.Equal(((int)HttpStatusCode.UnprocessableEntity, $"Pod \"p\" is invalid: {fault}"), ((int)refused.Code, refused.Message));
    }

    [Fact]
    public async Task The_first_address_stands_twice_and_what_has_ended_stays_ended()
    {
        var ns = await server.FurnishedAsync();
        await server.PodAsync(ns, "p", """ "restartPolicy":"Never" """);
        Task<Answer> StatusAsync(string status) => server.PatchAsync($"{ns}/pods/p/status", TestServer.MergePatch, $$$"""{"metadata":{"ownerReferences":[]},"status":{{{status}}}}""");
        Assert.Equal("""[{"ip":"192.0.2.7"}]""", (await StatusAsync("""{"podIP":"192.0.2.7"}""")).Json["status"]!["podIPs"]!.ToJsonString());
        await StatusAsync("""{"containerStatuses":[{"name":"c","image":"i","imageID":"","ready":false,"restartCount":0,"state":{"terminated":{"exitCode":1}}}]}""");
        Assert.Equal("Pod \"p\" is invalid: status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state",
            (await StatusAsync("""{"containerStatuses":[{"name":"c","image":"i","imageID":"","ready":false,"restartCount":1,"state":{"running":{}}}]}""")).Message);
    }

    [Theory]
    [InlineData("a.b", "", "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]")]
    [InlineData("p", """ "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule"}] """, "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod")]

    [InlineData("p", """ "imagePullSecrets":[{"name":"a"},{"name":"a"}] """, "spec.imagePullSecrets[1].name: duplicate name \\\"a\\\"")]
    [InlineData("p", """ "nodeSelector":{"beta.kubernetes.io/os":"linux"} """, "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \\\"kubernetes.io/os\\\" instead")]
    public async Task What_will_surprise_is_warned_of(string name, string spec, string warning)
    {
        var made = await server.PodAsync(await server.FurnishedAsync(), name, spec);
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal([$"299 - \"{warning}\""], made.Warnings);
    }

    [Fact]
    public async Task Templates_are_warned_of_like_pods_when_they_change()
    {
        var ns = await server.FurnishedAsync();
        var deployments = $"/apis/apps/v1{ns["/api/v1".Length..]}/deployments";
        var made = await server.PostAsync(deployments, """
            {"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1","env":[{"name":"A","value":"1"},{"name":"A","value":"2"}],"ports":[{"containerPort":80},{"containerPort":80}]}]}}}}
            """);
        Assert.Equal(
            [
                "299 - \"spec.template.spec.containers[0].env[1]: hides previous definition of \\\"A\\\", which may be dropped when using apply\"",
                "299 - \"spec.template.spec.containers[0].ports[1]: duplicate port definition with spec.template.spec.containers[0].ports[0]\"",
            ],
            made.Warnings);
        Assert.Empty((await server.PatchAsync($"{deployments}/d", TestServer.MergePatch, """{"metadata":{"labels":{"x":"y"}}}""")).Warnings);
    }

    [Fact]
    public async Task A_pod_gets_defaults_that_its_template_has_not()
    {
        var ns = await server.FurnishedAsync();
        var made = await server.PostAsync($"{ns}/pods", """
            {"metadata":{"name":"p","annotations":{"container.apparmor.security.beta.kubernetes.io/c":"localhost/strict"}},
             "spec":{"terminationGracePeriodSeconds":-5,"hostNetwork":true,"resources":{"limits":{"cpu":"4","memory":"1Gi"}},
               "containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"1"}},"ports":[{"containerPort":80}]}],
               "volumes":[{"name":"r","rbd":{"monitors":["m"],"image":"i"}},{"name":"i","image":{"reference":"i"}},{"name":"p","projected":{"sources":[{"clusterTrustBundle":{"path":"x"}}]}}]}}
            """);
        var spec = made.Json["spec"]!;
        Assert.Equal(1, (int?)spec["terminationGracePeriodSeconds"]);
        Assert.Equal("""{"cpu":"1","memory":"1Gi"}""", spec["resources"]!["requests"]!.ToJsonString());
        Assert.Equal(80, (int?)spec["containers"]![0]!["ports"]![0]!["hostPort"]);
        Assert.Equal("""{"type":"Localhost","localhostProfile":"strict"}""", spec["containers"]![0]!["securityContext"]!["appArmorProfile"]!.ToJsonString());
        Assert.Equal(("rbd", "admin", "/etc/ceph/keyring"), ((string?)spec["volumes"]![0]!["rbd"]!["pool"], (string?)spec["volumes"]![0]!["rbd"]!["user"], (string?)spec["volumes"]![0]!["rbd"]!["keyring"]));
        Assert.Equal("Always", (string?)spec["volumes"]![1]!["image"]!["pullPolicy"]);
        Assert.Equal("[{}]", spec["volumes"]![2]!["projected"]!["sources"]!.ToJsonString());
        Assert.Contains("deprecated since v1.30", made.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Own_labels_are_written_into_selectors_by_their_keys()
    {
        var made = await server.PodAsync(await server.FurnishedAsync(), "p", """
            "affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone","labelSelector":{},"matchLabelKeys":["app"],"mismatchLabelKeys":["tier","none"]}]}}
            """, """ "labels":{"app":"a","tier":"t"} """);
        Assert.Equal(
            """[{"key":"app","operator":"In","values":["a"]},{"key":"tier","operator":"NotIn","values":["t"]}]""",
            made.Json["spec"]!["affinity"]!["podAntiAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]![0]!["labelSelector"]!["matchExpressions"]!.ToJsonString());
    }

    [Fact]
    public async Task What_may_not_change_of_a_claim_is_shown_as_of_a_pod()
    {
        var claims = $"{await server.NamespaceAsync()}/persistentvolumeclaims";
        await server.PostAsync(claims, """{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""");
        var refused = await server.PatchAsync($"{claims}/c", TestServer.MergePatch, """{"spec":{"resources":{"requests":{"storage":"2Gi"}}}}""");
        Assert.Equal(
            "PersistentVolumeClaim \"c\" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
            + "@@ -6,7 +6,7 @@\n  \"Resources\": {\n   \"Limits\": null,\n   \"Requests\": {\n-   \"storage\": \"1Gi\"\n+   \"storage\": \"2Gi\"\n   }\n  },\n  \"VolumeName\": \"\",\n",
            refused.Message);
    }
}
