using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of Ingress and IngressClass.</summary>
internal static class IngressChecks
{
    private const string ClassAnnotation = "kubernetes.io/ingress.class";
    private const int MaxControllerLength = 250;
    private static readonly string[] PathSequences = ["//", "/./", "/../", "%2f", "%2F"];
    private static readonly string[] PathEndings = ["/..", "/."];

    /// <summary>Ingress.</summary>
    public static readonly KindCheck Ingress = new(ingress =>
    {
        CheckSpec(ingress["spec"], null);
        var annotation = ingress["metadata"]["annotations"][ClassAnnotation];
        if (annotation.Exists && ingress["spec"]["ingressClassName"].Exists && annotation.Text != ingress["spec"]["ingressClassName"].Text)
        {
            annotation.As($"annotations.{ClassAnnotation}").Invalid("must match `ingressClassName` when both are specified");
        }
    })
    {
        Update = (ingress, old) => CheckSpec(ingress["spec"], old),
        Status = (ingress, old) => CheckBalancer(ingress["status"]["loadBalancer"]["ingress"], old.Items("status", "loadBalancer", "ingress")),
        Warn = ingress => ingress["metadata"]["annotations"][ClassAnnotation].Exists && !ingress["spec"]["ingressClassName"].Exists
            ? [$"annotation \"{ClassAnnotation}\" is deprecated, please use 'spec.ingressClassName' instead"]
            : [],
        WarnOfUpdate = (_, _) => [],
        WarnOfStatus = ingress => ingress["status"]["loadBalancer"]["ingress"].Items.SelectMany(i => Addresses.Warnings(i["ip"].As(i.Path))),
    };

    /// <summary>IngressClass.</summary>
    public static readonly KindCheck Class = new(CheckClass)
    {
        Update = (ingressClass, old) =>
        {
            ingressClass["spec"]["controller"].Unchanged(old.At("spec", "controller"));
            CheckClass(ingressClass);
        },
    };

    /// <summary>Faults of the points at which a balancer takes traffic in, of an Ingress or a Service.</summary>
    public static void CheckBalancerHost(Place hostname)
    {
        if (!hostname.HasText)
        {
            return;
        }

        hostname.Follows(Naming.SubdomainFaults);
        CheckNoAddress(hostname);
    }

    private static void CheckBalancer(Place points, IList<JsonNode?> before)
    {
        foreach (var point in points.Items)
        {
            if (point["ip"].HasText)
            {
                Addresses.Address(point["ip"], before.Select(p => p.Text("ip")));
            }

            CheckBalancerHost(point["hostname"]);
        }
    }

    private static void CheckNoAddress(Place host)
    {
        if (Addresses.Parse(host.Text) is not null)
        {
            host.Invalid("must be a DNS name, not an IP address");
        }
    }

    private static void CheckSpec(Place spec, JsonObject? old)
    {
        if (spec["rules"].Count == 0 && !spec["defaultBackend"].Exists)
        {
            spec.Invalid(null, "either `defaultBackend` or `rules` must be specified");
        }

        if (spec["defaultBackend"].Exists)
        {
            CheckBackend(spec["defaultBackend"]);
        }

        foreach (var rule in spec["rules"].Items)
        {
            CheckRule(rule);
        }

        // What an older server took stays.
        var namesOfSecrets = old?.Items("spec", "tls").All(t => Faultless(t.Text("secretName"))) != false;
        foreach (var tls in spec["tls"].Items)
        {
            foreach (var host in tls["hosts"].Items)
            {
                host.Follows(host.Text.Contains('*', StringComparison.Ordinal) ? Naming.WildcardFaults : Naming.SubdomainFaults);
            }

            if (namesOfSecrets)
            {
                tls["secretName"].NoneOrFollows(Naming.SubdomainFaults);
            }
        }

        if (spec["ingressClassName"].Exists)
        {
            spec["ingressClassName"].Follows(Naming.SubdomainFaults);
        }
    }

    private static bool Faultless(string? name) => string.IsNullOrEmpty(name) || Naming.SubdomainFaults(name).Count == 0;

    private static void CheckRule(Place rule)
    {
        var host = rule["host"];
        if (host.HasText)
        {
            CheckNoAddress(host);
            host.Follows(host.Text.Contains('*', StringComparison.Ordinal) ? Naming.WildcardFaults : Naming.SubdomainFaults);
        }

        if (!rule["http"].Exists)
        {
            return;
        }

        if (rule["http"]["paths"].Count == 0)
        {
            rule["http"]["paths"].Required();
        }

        foreach (var path in rule["http"]["paths"].Items)
        {
            CheckPath(path);
        }
    }

    private static void CheckPath(Place entry)
    {
        var path = entry["path"];
        if (!entry["pathType"].Exists)
        {
            entry["pathType"].Required("pathType must be specified");
            return;
        }

        var relative = !path.Text.StartsWith('/');
        switch (entry["pathType"].Text)
        {
            case "Exact" or "Prefix":
                if (relative)
                {
                    path.Invalid(path.Text, "must be an absolute path");
                }

                foreach (var sequence in PathSequences.Where(s => path.Text.Contains(s, StringComparison.Ordinal)))
                {
                    path.Invalid($"must not contain '{sequence}'");
                }

                foreach (var ending in PathEndings.Where(e => path.Text.EndsWith(e, StringComparison.Ordinal)))
                {
                    path.Invalid($"cannot end with '{ending}'");
                }

                break;
            case "ImplementationSpecific":
                if (path.HasText && relative)
                {
                    path.Invalid("must be an absolute path");
                }

                break;
            default:
                entry["pathType"].NotSupported("Exact", "ImplementationSpecific", "Prefix");
                break;
        }

        CheckBackend(entry["backend"]);
    }

    private static void CheckBackend(Place backend)
    {
        switch (backend["resource"].Exists, backend["service"].Exists)
        {
            case (true, true):
                backend.Invalid("", "cannot set both resource and service backends");
                break;
            case (true, false):
                CheckReference(backend["resource"]);
                break;
            case (false, true):
                CheckService(backend);
                break;
            default:
                backend.Invalid("", "resource or service backend is required");
                break;
        }
    }

    private static void CheckService(Place backend)
    {
        backend["service"]["name"].RequiredFollows(Naming.LabelFaults);
        var port = backend["service"]["port"];
        switch (port["name"].HasText, port["number"].Number != 0)
        {
            case (true, true):
                backend.Invalid("", "cannot set both port name & port number");
                break;
            case (true, false):
                port["name"].Follows(Naming.PortNameFaults);
                break;
            case (false, true):
                port["number"].PortNumber();
                break;
            default:
                backend.Required("port name or number is required");
                break;
        }
    }

    private static void CheckReference(Place reference)
    {
        if (reference["apiGroup"].Exists)
        {
            reference["apiGroup"].Follows(Naming.SubdomainFaults);
        }

        reference["kind"].RequiredFollows(Naming.PathSegmentFaults);
        reference["name"].RequiredFollows(Naming.PathSegmentFaults);
    }

    private static void CheckClass(Place ingressClass)
    {
        var controller = ingressClass["spec"]["controller"];
        if (controller.Text.Length > MaxControllerLength)
        {
            controller.TooLong(MaxControllerLength);
        }

        DomainPath.Check(controller);
        var parameters = ingressClass["spec"]["parameters"];
        if (!parameters.Exists)
        {
            return;
        }

        CheckReference(parameters);
        switch (parameters["scope"].Text)
        {
            case "Namespace" when !parameters["namespace"].Exists:
                parameters["namespace"].Required("`parameters.scope` is set to 'Namespace'");
                break;
            case "Namespace":
                parameters["namespace"].Follows(Naming.LabelFaults);
                break;
            case "Cluster" when parameters["namespace"].Exists:
                parameters["namespace"].Forbidden("`parameters.scope` is set to 'Cluster'");
                break;
            case "Cluster":
                break;
            default:
                parameters["scope"].NotSupported("Cluster", "Namespace");
                break;
        }
    }
}
