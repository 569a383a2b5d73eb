using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>The two changes of a running pod that have subresources of their own: containers that are added to look into it, and what its containers may use.</summary>
internal static class PartialUpdate
{
    private static readonly string[] Lists = ["containers", "initContainers"];
    private static readonly string[] Resizable = ["resources", "resizePolicy"];
    private static readonly string[] Amounts = ["cpu", "memory"];

    /// <summary>Writes the containers that are added.</summary>
    public static void Ephemeral(JsonObject spec, JsonObject sent) => Set(spec, "ephemeralContainers", sent["ephemeralContainers"]);

    /// <summary>Writes what the containers may use, as far as they are the same ones in the same order.</summary>
    public static void Resources(JsonObject spec, JsonObject sent)
    {
        if (Lists.Any(list => spec.Items(list).Count != sent.Items(list).Count))
        {
            foreach (var list in Lists)
            {
                Set(spec, list, sent[list]);
            }

            return;
        }

        foreach (var list in Lists)
        {
            if (spec.Items(list).Zip(sent.Items(list)).Any(pair => pair.First.Text("name") != pair.Second.Text("name")))
            {
                Set(spec, list, sent[list]);
                continue;
            }

            foreach (var (container, wanted) in spec.Items(list).Zip(sent.Items(list)))
            {
                foreach (var field in Resizable)
                {
                    Set(container!.AsObject(), field, wanted.At(field));
                }
            }
        }

        Set(spec, "resources", sent["resources"]);
    }

    /// <summary>What was added stays as it is.</summary>
    public static void CheckEphemeral(JsonObject pod, JsonObject old, ICollection<FieldError> errors)
    {
        var containers = new Place(pod, "", PodValidation.PodSchema, errors)["spec"]["ephemeralContainers"];
        if (old.At("metadata", "annotations", "kubernetes.io/config.mirror") is not null)
        {
            errors.Clear();
            errors.Add(FieldErrors.Forbidden("", "static pods do not support ephemeral containers"));
            return;
        }

        foreach (var before in old.Items("spec", "ephemeralContainers").OfType<JsonObject>())
        {
            var name = GoFormat.Quote(before.Text("name") ?? "");
            var now = containers.Items.LastOrDefault(c => c["name"].Text == before.Text("name"));
            if (!now.Exists)
            {
                containers.Forbidden($"existing ephemeral containers {name} may not be removed\n");
            }
            else if (!JsonNode.DeepEquals(before, now.Value))
            {
                containers.Forbidden($"existing ephemeral containers {name} may not be changed\n{InternalForm.Difference(before, now.Value!, now.Schema)}");
            }
        }
    }

    /// <summary>CPU and memory may change, and nothing may be taken away.</summary>
    public static void CheckResize(JsonObject pod, JsonObject old, ICollection<FieldError> errors)
    {
        var spec = new Place(pod, "", PodValidation.PodSchema, errors)["spec"];
        if (old.At("metadata", "annotations", "kubernetes.io/config.mirror") is not null || old.Text("spec", "os", "name") == "windows")
        {
            errors.Clear();
            errors.Add(FieldErrors.Forbidden("", old.Text("spec", "os", "name") == "windows" ? "windows pods cannot be resized" : "static pods cannot be resized"));
            return;
        }

        if (PodQuality.Of(pod) != (old.Text("status", "qosClass") ?? PodQuality.Of(old)))
        {
            spec.Invalid(pod.Text("status", "qosClass"), "Pod QOS Class may not change as a result of resizing");
        }

        if (old.Items("status", "containerStatuses").FirstOrDefault(s => s.Map("state", "running") is not null) is { } running && running.Map("resources") is null)
        {
            spec.Forbidden("Pod running on node without support for resize");
        }

        if (!CheckOrder(spec, old))
        {
            return;
        }

        var faults = errors.Count;
        CheckWhole(spec["resources"], old.Map("spec", "resources"), spec);
        foreach (var list in Lists.Reverse())
        {
            var i = 0;
            foreach (var container in spec[list].Items)
            {
                CheckContainer(container, old.Items("spec", list)[i++], list, spec);
            }
        }

        if (errors.Count == faults && !JsonNode.DeepEquals(Fixed(spec.Value!.AsObject(), old.Map("spec")!), old.Map("spec")))
        {
            spec.Forbidden("only cpu and memory resources are mutable");
        }
    }

    private static bool CheckOrder(Place spec, JsonObject old)
    {
        var before = spec.Errors.Count;
        foreach (var list in Lists)
        {
            if (spec[list].Count != old.Items("spec", list).Count)
            {
                spec[list].Forbidden($"{list} may not be added or removed on resize");
                continue;
            }

            foreach (var (container, was) in spec[list].Items.Zip(old.Items("spec", list)).Where(p => p.First["name"].Text != p.Second.Text("name")))
            {
                container["name"].Forbidden($"{list} may not be renamed or reordered on resize");
            }
        }

        return spec.Errors.Count == before;
    }

    private static void CheckWhole(Place resources, JsonObject? old, Place spec)
    {
        if (old is null)
        {
            return;
        }

        if (!resources.Exists)
        {
            resources.Forbidden("pod-level resources cannot be removed");
            return;
        }

        CheckRemoved(resources, old, "pod-level resource");
        if (!JsonNode.DeepEquals(WithAmountsOf(resources.Value!.AsObject(), old), old))
        {
            spec.Forbidden("only cpu and memory resources are mutable at pod-level");
        }
    }

    private static void CheckContainer(Place container, JsonNode? old, string list, Place spec)
    {
        var sidecar = list == "containers" || container["restartPolicy"].Text == "Always";
        if (!sidecar)
        {
            if (!JsonNode.DeepEquals(container.Value, old))
            {
                spec.Forbidden("resources for non-sidecar init containers are immutable");
            }

            return;
        }

        CheckRemoved(container["resources"], old.Map("resources"), "resource");
        if (!JsonNode.DeepEquals(WithAmountsOf(container["resources"].Value as JsonObject ?? [], old.Map("resources")), old.Map("resources") ?? []))
        {
            (list == "containers" ? spec : container).Forbidden(list == "containers" ? "only cpu and memory resources are mutable" : "only cpu and memory resources for init or sidecar containers are mutable");
        }
    }

    private static void CheckRemoved(Place resources, JsonObject? old, string what)
    {
        foreach (var list in (string[])["requests", "limits"])
        {
            if ((old.Map(list) ?? []).Any(e => !resources[list][e.Key].Exists))
            {
                resources[list].Forbidden($"{what} {list} cannot be removed");
            }
        }
    }

    /// <summary>Resources with the CPU and memory of others.</summary>
    private static JsonObject WithAmountsOf(JsonObject resources, JsonObject? others)
    {
        var same = resources.DeepClone().AsObject();
        foreach (var list in (string[])["requests", "limits"])
        {
            foreach (var name in Amounts)
            {
                same.Map(list)?.Remove(name);
                if (others.At(list, name) is { } amount)
                {
                    same.GetOrAddMap(list)![name] = amount.DeepClone();
                }
            }

            if (same.Map(list) is { Count: 0 })
            {
                same.Remove(list);
            }
        }

        return same;
    }

    private static JsonObject Fixed(JsonObject spec, JsonObject old)
    {
        var same = spec.DeepClone().AsObject();
        Set(same, "resources", old["resources"]);
        foreach (var list in Lists)
        {
            foreach (var (container, before) in same.Items(list).Zip(old.Items(list)))
            {
                Set(container!.AsObject(), "resources", before.At("resources"));
            }
        }

        return same;
    }

    private static void Set(JsonObject obj, string field, JsonNode? value)
    {
        if (value is null)
        {
            obj.Remove(field);
        }
        else
        {
            obj[field] = value.DeepClone();
        }
    }
}
