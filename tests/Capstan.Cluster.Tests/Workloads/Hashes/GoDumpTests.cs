using System.Text;
using System.Text.Json.Nodes;
using Capstan.Cluster.Workloads.Hashes;

namespace Capstan.Cluster.Tests.Workloads.Hashes;

public sealed class GoDumpTests
{
    // Templates as a kube-apiserver 1.36 stored them, and what its kube-controller-manager named their ReplicaSets.
    [Theory]
    [InlineData("9bfb878", """
        {"metadata": {"annotations": {"tmpl": "yes"}, "labels": {"app": "api"}}, "spec": {"containers": [{"image": "a:1", "imagePullPolicy": "IfNotPresent", "name": "main", "resources": {}, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}], "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler", "securityContext": {}, "terminationGracePeriodSeconds": 30}}
        """)]
    [InlineData("8475cbc6bb", """
        {"metadata": {"annotations": {"a": "2", "x": "1"}, "labels": {"app": "rich", "b": "c"}}, "spec": {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"podAffinityTerm": {"labelSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b", "c"]}]}, "topologyKey": "z"}, "weight": 1}]}}, "containers": [{"args": ["--x", "--y=<z>"], "env": [{"name": "A", "value": "b"}, {"name": "F", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}, {"name": "R", "valueFrom": {"resourceFieldRef": {"divisor": "0", "resource": "limits.cpu"}}}, {"name": "S", "valueFrom": {"secretKeyRef": {"key": "k", "name": "s", "optional": true}}}], "envFrom": [{"configMapRef": {"name": "cm"}, "prefix": "p"}], "image": "i:2", "imagePullPolicy": "IfNotPresent", "lifecycle": {"preStop": {"sleep": {"seconds": 3}}}, "livenessProbe": {"failureThreshold": 3, "httpGet": {"httpHeaders": [{"name": "a", "value": "b"}], "path": "/healthz", "port": "http", "scheme": "HTTP"}, "initialDelaySeconds": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1}, "name": "c", "ports": [{"containerPort": 80, "name": "http", "protocol": "TCP"}, {"containerPort": 81, "protocol": "UDP"}], "readinessProbe": {"failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "tcpSocket": {"port": 80}, "timeoutSeconds": 1}, "resources": {"limits": {"cpu": "1500m", "ephemeral-storage": "3M", "example.com/x": "2", "memory": "1Gi"}, "requests": {"cpu": "100m", "memory": "64Mi"}}, "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}, "startupProbe": {"exec": {"command": ["a"]}, "failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1}, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "volumeMounts": [{"mountPath": "/v", "name": "v", "readOnly": true}]}], "dnsPolicy": "ClusterFirst", "initContainers": [{"command": ["sh", "-c", "a && b"], "image": "i:1", "imagePullPolicy": "IfNotPresent", "name": "i", "resources": {}, "restartPolicy": "Always", "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}], "nodeSelector": {"disk": "ssd"}, "restartPolicy": "Always", "schedulerName": "default-scheduler", "securityContext": {"fsGroup": 5, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}, "serviceAccount": "sa", "serviceAccountName": "sa", "terminationGracePeriodSeconds": 30, "tolerations": [{"effect": "NoExecute", "key": "k", "operator": "Exists", "tolerationSeconds": 5}], "topologySpreadConstraints": [{"labelSelector": {"matchLabels": {"app": "rich"}}, "maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"}], "volumes": [{"emptyDir": {"medium": "Memory", "sizeLimit": "200Ti"}, "name": "v"}, {"emptyDir": {"sizeLimit": "7Mi"}, "name": "w"}, {"name": "s", "secret": {"defaultMode": 420, "items": [{"key": "a", "path": "b"}], "secretName": "s"}}, {"name": "p", "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"expirationSeconds": 3600, "path": "t"}}, {"configMap": {"name": "c"}}]}}, {"name": "c", "persistentVolumeClaim": {"claimName": "c"}}]}}
        """)]
    public void A_template_has_the_hash_that_kubernetes_gives_it(string hash, string template) =>
        Assert.Equal(hash, SafeHash.OfTemplate(GoDump.Of(JsonNode.Parse(template)!.AsObject()), null));

    [Fact]
    public void A_dump_says_what_is_not_set_too()
    {
        var dump = GoDump.Of(JsonNode.Parse("""{"metadata":{"labels":{"b":"2","a":"1"}},"spec":{"activeDeadlineSeconds":5,"containers":[{"name":"c"}]}}""")!.AsObject());
        Assert.StartsWith("(v1.PodTemplateSpec){ObjectMeta:(v1.ObjectMeta){Name:(string) GenerateName:(string) ", dump, StringComparison.Ordinal);
        Assert.Contains(" Generation:(int64)0 CreationTimestamp:(v1.Time){Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}} DeletionTimestamp:(*v1.Time)<nil> ", dump, StringComparison.Ordinal);
        Assert.Contains(" Labels:(map[string]string)map[a:1 b:2] Annotations:(map[string]string)<nil> ", dump, StringComparison.Ordinal);
        Assert.Contains(" ActiveDeadlineSeconds:(*int64)5 DNSPolicy:(v1.DNSPolicy) ", dump, StringComparison.Ordinal);
        Assert.Contains(" Containers:([]v1.Container)[{Name:(string)c Image:(string) ", dump, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("100m", "{i:(resource.int64Amount){value:(int64)100 scale:(resource.Scale)-3} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)100m Format:(resource.Format)DecimalSI}")]
    [InlineData("64Mi", "{i:(resource.int64Amount){value:(int64)67108864 scale:(resource.Scale)0} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string) Format:(resource.Format)BinarySI}")]
    [InlineData("3e3", "{i:(resource.int64Amount){value:(int64)3 scale:(resource.Scale)3} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)3e3 Format:(resource.Format)DecimalExponent}")]
    [InlineData(null, "{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string) Format:(resource.Format)}")]
    public void A_quantity_is_dumped_as_go_holds_it(string? quantity, string dump)
    {
        var text = new StringBuilder();
        GoQuantity.Write(text, quantity);
        Assert.Equal(dump, text.ToString());
    }
}
