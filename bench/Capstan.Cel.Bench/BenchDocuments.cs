using System.Globalization;
using System.Text;

namespace Capstan.Cel.Bench;

/// <summary>Deployments of about 1 KB, 4 KB and 200 KB, as an API server sends them: the same bytes in each run.</summary>
internal static class BenchDocuments
{
    public static byte[] Small { get; } = Deployment(containers: 1, details: 0, annotation: 0);

    /// <summary>The usual one: 3 containers with probes, environment and limits.</summary>
    public static byte[] Middle { get; } = Deployment(containers: 3, details: 2, annotation: 100);

    public static byte[] Large { get; } = Deployment(containers: 160, details: 7, annotation: 3000);

    public static IReadOnlyList<(string Name, byte[] Json)> All { get; } = [("1 KB", Small), ("4 KB", Middle), ("200 KB", Large)];

    private static byte[] Deployment(int containers, int details, int annotation)
    {
        var text = new StringBuilder();
        text.Append("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","labels":{"app":"web","app.kubernetes.io/name":"web","team":"checkout","tier":"frontend"}
            """);
        if (annotation > 0)
        {
            var words = string.Concat(Enumerable.Repeat("lorem ipsum ", annotation / 12));
            text.Append($$"""
                ,"uid":"0b6c1f1e-6a54-4a7e-9c57-3e5d9f3f1c11","resourceVersion":"1182743","generation":7,"creationTimestamp":"2026-03-01T10:00:00Z","annotations":{"deployment.kubernetes.io/revision":"7","note":"{\"words\":\"{{words}}\"}"}
                """);
        }

        text.Append("""
            },"spec":{"replicas":3,"revisionHistoryLimit":10,"progressDeadlineSeconds":600,"selector":{"matchLabels":{"app":"web"}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"25%","maxUnavailable":0}},"template":{"metadata":{"labels":{"app":"web","team":"checkout"}},"spec":{"containers":[
            """);
        for (var i = 0; i < containers; i++)
        {
            Container(text.Append(i == 0 ? "" : ","), i, details);
        }

        text.Append("""
            ],"restartPolicy":"Always","serviceAccountName":"web","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{"runAsNonRoot":true,"fsGroup":2000},"schedulerName":"default-scheduler","volumes":[{"name":"tmp","emptyDir":{}},{"name":"config","configMap":{"name":"web-config","defaultMode":420}}]}}}}
            """);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Container(StringBuilder text, int index, int details)
    {
        text.Append(CultureInfo.InvariantCulture, $$"""{"name":"c{{index}}","image":"registry.example.com/shop/c{{index}}:1.{{index}}.0","imagePullPolicy":"IfNotPresent",""");
        text.Append("""
            "ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"resources":{"limits":{"cpu":"500m","memory":"256Mi"},"requests":{"cpu":"100m","memory":"128Mi"}},"securityContext":{"runAsNonRoot":true,"privileged":false,"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]}}
            """);
        if (details > 0)
        {
            text.Append(",\"env\":[");
            for (var i = 0; i < details; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $$"""{{(i == 0 ? "" : ",")}}{"name":"SETTING_{{i}}","value":"value of the setting {{i}}"}""");
            }

            text.Append("""
                ],"livenessProbe":{"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},"initialDelaySeconds":5,"periodSeconds":10,"timeoutSeconds":1,"successThreshold":1,"failureThreshold":3},"readinessProbe":{"httpGet":{"path":"/readyz","port":8080,"scheme":"HTTP"},"periodSeconds":10,"timeoutSeconds":1},"volumeMounts":[{"name":"tmp","mountPath":"/tmp"},{"name":"config","mountPath":"/etc/web","readOnly":true}],"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"
                """);
        }

        text.Append('}');
    }
}
