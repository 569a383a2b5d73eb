using System.Text.Json.Nodes;
using Capstan.Quotas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Defaults of a pod's spec, wherever it stands: in a Pod, or in the template of a workload.</summary>
internal static class PodDefaults
{
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];
    private static readonly string[] ContainerLists = ["containers", "initContainers", "ephemeralContainers"];

    /// <summary>Sets the defaults that a template has as well.</summary>
    public static void Apply(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        spec.SetDefault("restartPolicy", "Always");
        spec.SetDefault("terminationGracePeriodSeconds", 30);
        spec.SetDefault("dnsPolicy", "ClusterFirst");
        spec.SetDefault("securityContext", new JsonObject());
        spec.SetDefault("schedulerName", "default-scheduler");
        SyncServiceAccount(spec);
        foreach (var list in ContainerLists)
        {
            foreach (var container in spec.Items(list).OfType<JsonObject>())
            {
                ApplyToContainer(container);
            }
        }

        foreach (var volume in spec.Items("volumes").OfType<JsonObject>())
        {
            VolumeDefaults.Apply(volume);
        }
    }

    /// <summary>The first of several addresses also stands by itself; where it stands only by itself, or is another, it counts.</summary>
    public static void SyncAddresses(JsonObject? status)
    {
        if (status is null)
        {
            return;
        }

        var (one, first) = (status.Text("podIP"), status.Items("podIPs").FirstOrDefault().Text("ip"));
        if (!string.IsNullOrEmpty(one) && one != first)
        {
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = one });
        }
        else if (string.IsNullOrEmpty(one) && !string.IsNullOrEmpty(first))
        {
            status["podIP"] = first;
        }
    }

    /// <summary>Sets the defaults that only a Pod itself has.</summary>
    public static void ApplyToPod(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        Apply(spec);
        spec.SetDefault("enableServiceLinks", true);
        if (spec.Number("terminationGracePeriodSeconds") is < 0)
        {
            spec["terminationGracePeriodSeconds"] = 1;
        }

        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")).OfType<JsonObject>())
        {
            // What a container may use at most it also asks for.
            if (container.Map("resources", "limits") is { Count: > 0 } limits)
            {
                var requests = container.Map("resources")!.GetOrAddMap("requests");
                foreach (var (name, value) in limits)
                {
                    requests?.SetDefault(name, value!.DeepClone());
                }
            }
        }

        DefaultWhole(spec);

        // A pod in the node's network has the node's ports.
        foreach (var port in spec.Flag("hostNetwork") != true ? [] : spec.Items("containers").Concat(spec.Items("initContainers")).SelectMany(c => c.Items("ports")).OfType<JsonObject>())
        {
            if (port.Number("hostPort") is null or 0 && port["containerPort"] is { } containerPort)
            {
                port["hostPort"] = containerPort.DeepClone();
            }
        }
    }

    // A pod that may use something as a whole asks for what its containers do, or else for that.
    private static void DefaultWhole(JsonObject spec)
    {
        if (spec.Map("resources", "limits") is not { Count: > 0 } limits)
        {
            return;
        }

        var asked = PodResources.OfContainers(spec, "requests");
        foreach (var name in (string[])["cpu", "memory"])
        {
            if (spec.At("resources", "requests", name) is null && (asked.TryGetValue(name, out var sum) ? sum.ToString() : limits[name]?.DeepClone()) is { } amount)
            {
                spec.Map("resources")!.GetOrAddMap("requests")![name] = amount;
            }
        }
    }

    private static void ApplyToContainer(JsonObject container)
    {
        container.SetDefault("imagePullPolicy", PullPolicyOf(container.Text("image") ?? ""));
        container.SetDefault("terminationMessagePath", "/dev/termination-log");
        container.SetDefault("terminationMessagePolicy", "File");
        foreach (var port in container.Items("ports").OfType<JsonObject>())
        {
            port.SetDefault("protocol", "TCP");
        }

        foreach (var env in container.Items("env"))
        {
            env.Map("valueFrom", "fieldRef")?.SetDefault("apiVersion", "v1");
            env.Map("valueFrom", "resourceFieldRef")?.SetDefault("divisor", "0");
        }

        foreach (var name in Probes)
        {
            if (container.Map(name) is { } probe)
            {
                probe.SetDefault("timeoutSeconds", 1);
                probe.SetDefault("periodSeconds", 10);
                probe.SetDefault("successThreshold", 1);
                probe.SetDefault("failureThreshold", 3);
                ApplyToHttpGet(probe.Map("httpGet"));
                probe.Map("grpc")?.SetDefault("service", "");
            }
        }

        ApplyToHttpGet(container.Map("lifecycle", "postStart", "httpGet"));
        ApplyToHttpGet(container.Map("lifecycle", "preStop", "httpGet"));
    }

    private static void ApplyToHttpGet(JsonObject? get)
    {
        get?.SetDefault("path", "/");
        get?.SetDefault("scheme", "HTTP");
    }

    // serviceAccount is the older name of serviceAccountName, and always shows the same.
    private static void SyncServiceAccount(JsonObject spec)
    {
        var name = spec.Text("serviceAccountName") is { Length: > 0 } given ? given : spec.Text("serviceAccount");
        if (!string.IsNullOrEmpty(name))
        {
            spec["serviceAccountName"] = name;
            spec["serviceAccount"] = name;
        }
    }

    /// <summary>When an image is pulled, if nobody says so.</summary>
    public static string PullPolicyOf(string image) => ImageName.IsLatest(image) ? "Always" : "IfNotPresent";
}
