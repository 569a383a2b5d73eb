using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of the containers of a pod, of each kind of them.</summary>
internal static class ContainerChecks
{
    private const string OnlySidecars = "may not be set for init containers without restartPolicy=Always";
    private const int MostRules = 20;
    private const int MostCodes = 255;
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];
    private static readonly string[] RestartPolicies = ["Always", "Never", "OnFailure"];
    private static readonly string[] Handlers = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];

    // Fields of a container that one which is added to a running pod may not have, in Kubernetes' order.
    private static readonly string[] NotEphemeral = ["ports", "resources", "resizePolicy", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

    /// <summary>All of them.</summary>
    public static void Check(PodScope scope)
    {
        CheckContainers(scope);
        CheckInitContainers(scope);
        CheckEphemeralContainers(scope);
    }

    /// <summary>Faults that only a Pod's images have.</summary>
    public static void CheckImage(Place container)
    {
        var image = container["image"];
        if (image.Text.Trim().Length != image.Text.Length)
        {
            image.Invalid(image.Text, "must not have leading or trailing whitespace");
        }
    }

    private static void CheckContainers(PodScope scope)
    {
        var containers = scope.Spec["containers"];
        if (containers.Count == 0)
        {
            containers.Required();
            return;
        }

        HashSet<string> names = [];
        foreach (var container in containers.Items)
        {
            CheckCommon(container, scope);
            if (!names.Add(container["name"].Text))
            {
                container["name"].Duplicate();
            }

            HandlerChecks.CheckLifecycle(container["lifecycle"], scope);
            HandlerChecks.CheckProbes(container, scope);
            CheckRestart(container);
        }

        CheckHostPorts(containers.Items);
    }

    private static void CheckInitContainers(PodScope scope)
    {
        var names = scope.Spec["containers"].Items.Select(c => c["name"].Text).ToHashSet();
        var list = scope.Spec["initContainers"];
        foreach (var container in list.Items)
        {
            CheckCommon(container, scope);
            if (container["restartPolicy"].Exists)
            {
                CheckRestart(container);
            }
            else if (container["restartPolicyRules"].Count > 0)
            {
                container["restartPolicy"].Required("must specify restartPolicy when restart rules are used");
            }

            var name = container["name"];
            if (names.Contains(name.Text))
            {
                name.Duplicate();
            }
            else if (name.HasText)
            {
                names.Add(name.Text);
            }

            // As if it were the only one of the list.
            CheckHostPorts([container.As($"{list.Path}[0]")]);
            if (container["restartPolicy"].Text == "Always")
            {
                HandlerChecks.CheckLifecycle(container["lifecycle"], scope);
                HandlerChecks.CheckProbes(container, scope);
                continue;
            }

            foreach (var handler in Handlers.Where(h => container[h].Exists))
            {
                container[handler].Forbidden(OnlySidecars);
            }

            foreach (var policy in container["resizePolicy"].Items.Select(p => p["restartPolicy"]).Where(p => p.Text == "RestartContainer"))
            {
                policy.Invalid("must not be set to 'RestartContainer' for non-sidecar initContainers");
            }
        }
    }

    private static void CheckEphemeralContainers(PodScope scope)
    {
        var others = scope.Spec["containers"].Items.Concat(scope.Spec["initContainers"].Items).Select(c => c["name"].Text).ToHashSet();
        var names = others.ToHashSet();
        foreach (var container in scope.Spec["ephemeralContainers"].Items)
        {
            CheckCommon(container, scope);
            CheckImage(container);
            if (!names.Add(container["name"].Text))
            {
                container["name"].Duplicate();
            }

            var target = container["targetContainerName"];
            if (target.HasText && !others.Contains(target.Text))
            {
                target.Errors.Add(FieldErrors.NotFound(target.Path, target.Text));
            }

            const string why = "cannot be set for an Ephemeral Container";
            foreach (var field in NotEphemeral.Where(f => f == "resources" ? container[f].Count > 0 : container[f].Exists))
            {
                container[field].Forbidden(why);
            }

            foreach (var field in container["volumeMounts"].Items.SelectMany(m => (Place[])[m["subPath"], m["subPathExpr"]]).Where(f => f.HasText))
            {
                field.Forbidden(why);
            }
        }
    }

    private static void CheckCommon(Place container, PodScope scope)
    {
        container["name"].RequiredFollows(Naming.LabelFaults);
        if (!container["image"].HasText)
        {
            container["image"].Required();
        }

        container["terminationMessagePolicy"].RequiredOneOf("File", "FallbackToLogsOnError");
        CheckPorts(container["ports"]);
        EnvironmentChecks.CheckVariables(container["env"]);
        EnvironmentChecks.CheckSources(container["envFrom"]);
        MountChecks.CheckMounts(container, scope);
        MountChecks.CheckDevices(container, scope);
        container["imagePullPolicy"].RequiredOneOf(PullPolicies);
        ResourceChecks.CheckContainer(container["resources"], scope);
        CheckResize(container["resizePolicy"], scope);
        SecurityChecks.CheckContainer(container["securityContext"], scope);
    }

    private static void CheckPorts(Place ports)
    {
        HashSet<string> names = [];
        foreach (var port in ports.Items)
        {
            var name = port["name"];
            if (name.HasText)
            {
                if (Naming.PortNameFaults(name.Text).Count > 0)
                {
                    name.Follows(Naming.PortNameFaults);
                }
                else if (!names.Add(name.Text))
                {
                    name.Duplicate();
                }
            }

            if (port["containerPort"].Number == 0)
            {
                port["containerPort"].Required();
            }
            else
            {
                port["containerPort"].PortNumber();
            }

            if (port["hostPort"].Number != 0)
            {
                port["hostPort"].PortNumber();
            }

            port["protocol"].RequiredOneOf(Protocols);
        }
    }

    private static void CheckHostPorts(IEnumerable<Place> containers)
    {
        HashSet<string> taken = [];
        foreach (var port in containers.SelectMany(c => c["ports"].Items).Where(p => p["hostPort"].Number != 0))
        {
            var key = $"{port["protocol"].Text}/{port["hostIP"].Text}/{port["hostPort"].Number}";
            if (!taken.Add(key))
            {
                port.Errors.Add(FieldErrors.Duplicate(port["hostPort"].Path, key));
            }
        }
    }

    private static void CheckResize(Place policies, PodScope scope)
    {
        HashSet<string> seen = [];
        foreach (var policy in policies.Items)
        {
            var (name, restart) = (policy["resourceName"], policy["restartPolicy"]);
            if (!seen.Add(name.Text))
            {
                policy.Errors.Add(FieldErrors.Duplicate(policy.Path, name.Text));
            }

            name.As(policies.Path).RequiredOneOf("cpu", "memory");
            restart.As(policies.Path).RequiredOneOf("NotRequired", "RestartContainer");
            if (scope.Spec["restartPolicy"].Text == "Never" && restart.Text != "NotRequired")
            {
                restart.As(policies.Path).Invalid(restart.Text, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
            }
        }
    }

    private static void CheckRestart(Place container)
    {
        var (policy, rules) = (container["restartPolicy"], container["restartPolicyRules"]);
        if (policy.Exists)
        {
            policy.OneOf(RestartPolicies);
        }
        else if (rules.Count > 0)
        {
            policy.Required("must specify restartPolicy when restart rules are used");
        }

        if (rules.Count > MostRules)
        {
            rules.TooMany(MostRules);
        }

        foreach (var rule in rules.Items)
        {
            rule["action"].OneOf("Restart", "RestartAllContainers");
            var codes = rule["exitCodes"];
            if (!codes.Exists)
            {
                codes.Required("must be specified");
                continue;
            }

            codes["operator"].OneOf("In", "NotIn");
            if (codes["values"].Count > MostCodes)
            {
                codes["values"].TooMany(MostCodes);
            }
        }
    }
}
