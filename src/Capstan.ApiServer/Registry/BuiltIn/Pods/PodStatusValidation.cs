using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Faults of a changed status of a Pod.</summary>
internal static class PodStatusValidation
{
    private static readonly string[] OfSystem = ["PodScheduled", "Ready", "Initialized"];

    /// <summary>Adds the faults.</summary>
    /// <param name="pod">The pod as it is to be.</param>
    /// <param name="old">The pod as it is.</param>
    public static void Check(Place pod, JsonObject old)
    {
        var status = pod["status"];
        foreach (var condition in status["conditions"].Items)
        {
            CheckGeneration(condition["observedGeneration"]);
            if (!OfSystem.Contains(condition["type"].Text))
            {
                condition["type"].As($"{condition.Path}.Type").Follows(LabelSyntax.KeyFaults);
            }
        }

        var nominated = status["nominatedNodeName"];
        if (nominated.HasText && nominated.Text != old.Text("status", "nominatedNodeName"))
        {
            nominated.Follows(Naming.SubdomainFaults);
            if (!string.IsNullOrEmpty(old.Text("spec", "nodeName")))
            {
                nominated.Forbidden("may not be set on pods that are already bound to a node");
            }
        }

        CheckGeneration(status["observedGeneration"]);
        if (status["qosClass"].Text != (old.Text("status", "qosClass") ?? ""))
        {
            status["qosClass"].Invalid(status["qosClass"].Text, "field is immutable");
        }

        CheckRestarts(pod, old, "containerStatuses", "containers");
        CheckRestarts(pod, old, "initContainerStatuses", "initContainers");
        CheckRestarts(pod, old, "ephemeralContainerStatuses", null);
        CheckClaims(pod);
        CheckAddresses(status, "podIPs", old);
        CheckHostAddresses(status, old);
    }

    private static void CheckGeneration(Place generation)
    {
        if (generation.Number < 0)
        {
            generation.Invalid("must be a non-negative integer");
        }
    }

    // What has ended stays so, unless it is to be started again.
    private static void CheckRestarts(Place pod, JsonObject old, string list, string? containers)
    {
        if (containers is not null && AllMayRestart(pod["spec"]))
        {
            return;
        }

        var before = old.Items("status", list);
        for (var i = 0; i < before.Count; i++)
        {
            if (before[i].Map("state", "terminated") is not { } ended)
            {
                continue;
            }

            var now = pod["status"][list].Items.FirstOrDefault(s => s["name"].Text == before[i].Text("name") && !s["state"]["terminated"].Exists);
            if (now.Exists && !(containers is not null && MayRestart(pod["spec"], containers, now["name"].Text, ended.Number("exitCode") ?? 0)))
            {
                pod.Errors.Add(FieldErrors.Forbidden($"status.{list}[{i}].state", "may not be transitioned to non-terminated state"));
            }
        }
    }

    private static bool AllMayRestart(Place spec) => spec["containers"].Items.Concat(spec["initContainers"].Items)
        .Any(c => c["restartPolicyRules"].Items.Any(r => r["action"].Text == "RestartAllContainers"));

    private static bool MayRestart(Place spec, string list, string name, long code)
    {
        var container = spec[list].Items.FirstOrDefault(c => c["name"].Text == name);
        if (!container.Exists)
        {
            return false;
        }

        foreach (var codes in container["restartPolicyRules"].Items.Select(r => r["exitCodes"]).Where(c => c.Exists))
        {
            var named = codes["values"].Items.Any(v => v.Number == code);
            if (codes["operator"].Text == "In" ? named : !named)
            {
                return true;
            }
        }

        return (container["restartPolicy"].HasText ? container["restartPolicy"].Text : spec["restartPolicy"].Text) switch
        {
            "Always" => true,
            "OnFailure" => code != 0,
            _ => false,
        };
    }

    private static void CheckClaims(Place pod)
    {
        var names = pod["spec"]["resourceClaims"].Items.Select(c => c["name"].Text).ToHashSet();
        foreach (var claim in pod["status"]["resourceClaimStatuses"].Items)
        {
            if (!names.Contains(claim["name"].Text))
            {
                claim["name"].Invalid(claim["name"].Text, "must match the name of an entry in `spec.resourceClaims`");
            }

            claim["resourceClaimName"].NoneOrFollows(Naming.SubdomainFaults);
        }
    }

    private static void CheckAddresses(Place status, string list, JsonObject old)
    {
        var before = old.Items("status", list).Select(a => a.Text("ip")).ToList();
        var addresses = status[list];
        foreach (var address in addresses.Items)
        {
            Addresses.Address(address["ip"].As(address.Path), before);
        }

        var texts = addresses.Items.Select(a => a["ip"].Text).ToList();
        if (texts.Count > 1 && (texts.Count > 2 || !texts.Any(Addresses.IsVersion4) || !texts.Any(Addresses.IsVersion6)))
        {
            addresses.Invalid("may specify no more than one IP for each IP family");
        }
    }

    private static void CheckHostAddresses(Place status, JsonObject old)
    {
        if (status["hostIPs"].Count == 0)
        {
            return;
        }

        var first = status["hostIPs"].Items.First()["ip"];
        if (first.Text != status["hostIP"].Text)
        {
            first.Invalid(first.Text, "must be equal to `hostIP`");
        }

        CheckAddresses(status, "hostIPs", old);
    }
}
