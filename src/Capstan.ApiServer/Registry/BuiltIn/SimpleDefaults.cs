using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Defaults of the kinds that have no other rules of their own, one entry each.</summary>
internal static class SimpleDefaults
{
    private static readonly Dictionary<(string Group, string Kind), Action<JsonObject>> ByKind = new()
    {
        [("", "Endpoints")] = o => Each(o.Items("subsets").SelectMany(s => s.Items("ports")), p => p.SetDefault("protocol", "TCP")),
        [("", "LimitRange")] = o => Each(o.Items("spec", "limits"), LimitRangeItem),
        [("", "Node")] = Node,
        [("", "PersistentVolume")] = PersistentVolume,
        [("discovery.k8s.io", "EndpointSlice")] = EndpointSlice,
        [("networking.k8s.io", "NetworkPolicy")] = NetworkPolicy,
        [("networking.k8s.io", "IngressClass")] = o => o.Map("spec", "parameters")?.SetDefault("scope", "Cluster"),
        [("rbac.authorization.k8s.io", "RoleBinding")] = RoleBinding,
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = RoleBinding,
        [("scheduling.k8s.io", "PriorityClass")] = o => o.SetDefault("preemptionPolicy", "PreemptLowerPriority"),
        [("storage.k8s.io", "StorageClass")] = StorageClass,
        [("storage.k8s.io", "CSIDriver")] = CsiDriver,
        [("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")] = o => Each(o.Items("webhooks"), Webhook),
        [("admissionregistration.k8s.io", "MutatingWebhookConfiguration")] = o => Each(o.Items("webhooks"), MutatingWebhook),
        [("admissionregistration.k8s.io", "ValidatingAdmissionPolicy")] = Policy,
        [("admissionregistration.k8s.io", "MutatingAdmissionPolicy")] = Policy,
        [("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding")] = o => Match(o.Map("spec", "matchResources")),
        [("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding")] = o => Match(o.Map("spec", "matchResources")),
        [("autoscaling", "HorizontalPodAutoscaler")] = Autoscaler,
    };

    /// <summary>Sets the defaults of a kind, if it has some.</summary>
    public static void Apply(ResourceType type, JsonObject obj)
    {
        if (ByKind.TryGetValue((type.Group, type.Kind), out var apply))
        {
            apply(obj);
        }
    }

    private static void Each(IEnumerable<JsonNode?> items, Action<JsonObject> apply)
    {
        foreach (var item in items.OfType<JsonObject>())
        {
            apply(item);
        }
    }

    private static void LimitRangeItem(JsonObject item)
    {
        if (item.Text("type") != "Container")
        {
            return;
        }

        // The largest is the default limit, and this, or the smallest, the default request.
        CopyAbsent(item.Map("max"), item, "default");
        CopyAbsent(item.Map("default"), item, "defaultRequest");
        CopyAbsent(item.Map("min"), item, "defaultRequest");
    }

    private static void CopyAbsent(JsonObject? from, JsonObject item, string to)
    {
        foreach (var (name, value) in from?.DeepClone().AsObject() ?? [])
        {
            item.GetOrAddMap(to)?.SetDefault(name, value!.DeepClone());
        }
    }

    // All that a node has can be used unless it says otherwise.
    private static void Node(JsonObject node)
    {
        if (node.Map("status") is { } status && status["capacity"] is { } capacity)
        {
            status.SetDefault("allocatable", capacity.DeepClone());
        }
    }

    private static void PersistentVolume(JsonObject volume)
    {
        volume.Map("spec")?.SetDefault("persistentVolumeReclaimPolicy", "Retain");
        volume.Map("spec")?.SetDefault("volumeMode", "Filesystem");
        volume.Map("spec", "hostPath")?.SetDefault("type", "");
        volume.Map("status")?.SetDefault("phase", "Pending");
    }

    private static void EndpointSlice(JsonObject slice)
    {
        Each(slice.Items("ports"), port =>
        {
            port.SetDefault("name", "");
            port.SetDefault("protocol", "TCP");
        });

        // Nothing is taken in its field any more.
        Each(slice.Items("endpoints"), endpoint => endpoint.Remove("deprecatedTopology"));
    }

    private static void NetworkPolicy(JsonObject policy)
    {
        if (policy.Map("spec") is not { } spec)
        {
            return;
        }

        if (spec.Items("policyTypes").Count == 0)
        {
            spec["policyTypes"] = spec.Items("egress").Count > 0 ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        }

        Each(spec.Items("ingress").Concat(spec.Items("egress")).SelectMany(rule => rule.Items("ports")), port => port.SetDefault("protocol", "TCP"));
    }

    private static void RoleBinding(JsonObject binding)
    {
        const string group = "rbac.authorization.k8s.io";
        DefaultText(binding.Map("roleRef"), "apiGroup", group);
        Each(binding.Items("subjects"), subject =>
        {
            if (subject.Text("kind") is "User" or "Group")
            {
                DefaultText(subject, "apiGroup", group);
            }
        });
    }

    private static void DefaultText(JsonObject? obj, string field, string value)
    {
        if (obj is not null && string.IsNullOrEmpty(obj.Text(field)))
        {
            obj[field] = value;
        }
    }

    private static void StorageClass(JsonObject storageClass)
    {
        storageClass.SetDefault("reclaimPolicy", "Delete");
        storageClass.SetDefault("volumeBindingMode", "Immediate");
    }

    private static void CsiDriver(JsonObject driver)
    {
        if (driver.Map("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("attachRequired", true);
        spec.SetDefault("fsGroupPolicy", "ReadWriteOnceWithFSType");
        foreach (var flag in (ReadOnlySpan<string>)["podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"])
        {
            spec.SetDefault(flag, false);
        }

        if (spec.Items("volumeLifecycleModes").Count == 0)
        {
            spec["volumeLifecycleModes"] = new JsonArray("Persistent");
        }
    }

    private static void MutatingWebhook(JsonObject webhook)
    {
        Webhook(webhook);
        webhook.SetDefault("reinvocationPolicy", "Never");
    }

    private static void Webhook(JsonObject webhook)
    {
        webhook.SetDefault("failurePolicy", "Fail");
        webhook.SetDefault("matchPolicy", "Equivalent");
        webhook.SetDefault("namespaceSelector", new JsonObject());
        webhook.SetDefault("objectSelector", new JsonObject());
        webhook.SetDefault("timeoutSeconds", 10);
        webhook.Map("clientConfig", "service")?.SetDefault("port", 443);
        Each(webhook.Items("rules"), rule => rule.SetDefault("scope", "*"));
    }

    private static void Policy(JsonObject policy)
    {
        policy.Map("spec")?.SetDefault("failurePolicy", "Fail");
        Match(policy.Map("spec", "matchConstraints"));
    }

    private static void Match(JsonObject? match)
    {
        if (match is null)
        {
            return;
        }

        match.SetDefault("matchPolicy", "Equivalent");
        match.SetDefault("namespaceSelector", new JsonObject());
        match.SetDefault("objectSelector", new JsonObject());
        Each(match.Items("resourceRules").Concat(match.Items("excludeResourceRules")), rule => rule.SetDefault("scope", "*"));
    }

    private static void Autoscaler(JsonObject autoscaler)
    {
        if (autoscaler.Map("spec") is not { } spec)
        {
            return;
        }

        spec.SetDefault("minReplicas", 1);
        if (spec.Items("metrics").Count == 0 && autoscaler.Text("apiVersion") == "autoscaling/v2")
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 } },
            });
        }

        if (spec.Map("behavior") is { } behavior)
        {
            ScalingRules(behavior, "scaleUp", new() { ["stabilizationWindowSeconds"] = 0 }, ("Pods", 4), ("Percent", 100));
            ScalingRules(behavior, "scaleDown", [], ("Percent", 100));
        }
    }

    private static void ScalingRules(JsonObject behavior, string direction, JsonObject defaults, params (string Type, int Value)[] policies)
    {
        var rules = behavior.GetOrAddMap(direction);
        if (rules is null)
        {
            return;
        }

        foreach (var (name, value) in defaults)
        {
            rules.SetDefault(name, value!.DeepClone());
        }

        rules.SetDefault("selectPolicy", "Max");
        if (rules.Items("policies").Count == 0)
        {
            rules["policies"] = new JsonArray([.. policies.Select(p => new JsonObject { ["type"] = p.Type, ["value"] = p.Value, ["periodSeconds"] = 15 })]);
        }
    }
}
