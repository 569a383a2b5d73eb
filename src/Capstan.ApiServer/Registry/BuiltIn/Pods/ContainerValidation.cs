using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods;

/// <summary>Faults of the containers of a pod.</summary>
internal static class ContainerValidation
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] MessagePolicies = ["File", "FallbackToLogsOnError"];
    private static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    /// <summary>Adds the faults of a list of containers.</summary>
    /// <param name="containers">The containers.</param>
    /// <param name="path">Path of the list.</param>
    /// <param name="volumes">Names of the pod's volumes.</param>
    /// <param name="names">Names of containers so far; grows.</param>
    /// <param name="hostNetwork">Whether the pod has the node's network, so that ports are the node's.</param>
    /// <param name="errors">Receives the faults.</param>
    public static void Check(IList<JsonNode?> containers, string path, HashSet<string> volumes, HashSet<string> names, bool hostNetwork, ICollection<FieldError> errors)
    {
        for (var i = 0; i < containers.Count; i++)
        {
            CheckOne(containers[i], $"{path}[{i}]", volumes, names, hostNetwork, errors);
        }

        HashSet<string> hostPorts = [];
        for (var i = 0; i < containers.Count; i++)
        {
            CheckHostPorts(containers[i], $"{path}[{i}]", hostPorts, errors);
        }
    }

    private static void CheckOne(JsonNode? container, string path, HashSet<string> volumes, HashSet<string> names, bool hostNetwork, ICollection<FieldError> errors)
    {
        var name = container.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.name"));
        }
        else
        {
            MetadataRules.Add(errors, $"{path}.name", name, Naming.LabelFaults(name));
        }

        if (string.IsNullOrEmpty(container.Text("image")))
        {
            errors.Add(FieldErrors.Required($"{path}.image"));
        }

        CheckWord(container, "terminationMessagePolicy", MessagePolicies, path, errors);
        CheckPorts(container.Items("ports"), $"{path}.ports", hostNetwork, errors);
        CheckEnvironment(container, path, errors);
        CheckMounts(container.Items("volumeMounts"), $"{path}.volumeMounts", volumes, errors);
        CheckWord(container, "imagePullPolicy", PullPolicies, path, errors);
        ResourceValidation.Check(container.Map("resources"), $"{path}.resources", errors);
        if (name.Length > 0 && !names.Add(name))
        {
            errors.Add(FieldErrors.Duplicate($"{path}.name", name));
        }
    }

    private static void CheckWord(JsonNode? container, string field, string[] words, string path, ICollection<FieldError> errors)
    {
        if (container.Text(field) is { } word && !words.Contains(word))
        {
            errors.Add(FieldErrors.NotSupported($"{path}.{field}", word, words));
        }
    }

    private static void CheckPorts(IList<JsonNode?> ports, string path, bool hostNetwork, ICollection<FieldError> errors)
    {
        HashSet<string> names = [];
        for (var i = 0; i < ports.Count; i++)
        {
            var (port, at) = (ports[i], $"{path}[{i}]");
            if (port.Text("name") is { Length: > 0 } name)
            {
                if (Naming.PortNameFaults(name) is { Count: > 0 } faults)
                {
                    MetadataRules.Add(errors, $"{at}.name", name, faults);
                }
                else if (!names.Add(name))
                {
                    errors.Add(FieldErrors.Duplicate($"{at}.name", name));
                }
            }

            if (port.Number("containerPort") is null or 0)
            {
                errors.Add(FieldErrors.Required($"{at}.containerPort"));
            }
            else if (port.Number("containerPort") is < 1 or > 65535)
            {
                errors.Add(FieldErrors.Invalid($"{at}.containerPort", port.At("containerPort"), "must be between 1 and 65535, inclusive"));
            }

            if (port.Number("hostPort") is not (null or 0))
            {
                if (port.Number("hostPort") is < 1 or > 65535)
                {
                    errors.Add(FieldErrors.Invalid($"{at}.hostPort", port.At("hostPort"), "must be between 1 and 65535, inclusive"));
                }
                else if (hostNetwork && port.Number("hostPort") != port.Number("containerPort"))
                {
                    errors.Add(FieldErrors.Invalid($"{at}.hostPort", port.At("hostPort"), "must match `containerPort` when `hostNetwork` is true"));
                }
            }

            var protocol = port.Text("protocol") ?? "";
            if (protocol.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{at}.protocol"));
            }
            else if (!Protocols.Contains(protocol))
            {
                errors.Add(FieldErrors.NotSupported($"{at}.protocol", protocol, Protocols));
            }
        }
    }

    private static void CheckHostPorts(JsonNode? container, string path, HashSet<string> taken, ICollection<FieldError> errors)
    {
        var ports = container.Items("ports");
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i].Number("hostPort") is { } hostPort and not 0)
            {
                var key = $"{ports[i].Text("protocol")}/{ports[i].Text("hostIP")}/{hostPort}";
                if (!taken.Add(key))
                {
                    errors.Add(FieldErrors.Duplicate($"{path}.ports[{i}].hostPort", key));
                }
            }
        }
    }

    private static void CheckEnvironment(JsonNode? container, string path, ICollection<FieldError> errors)
    {
        var variables = container.Items("env");
        for (var i = 0; i < variables.Count; i++)
        {
            var name = variables[i].Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}.env[{i}].name"));
            }
            else
            {
                MetadataRules.Add(errors, $"{path}.env[{i}].name", name, Naming.EnvironmentNameFaults(name));
            }

            if (variables[i].Map("valueFrom") is { } source)
            {
                var at = $"{path}.env[{i}].valueFrom";
                if (source.Count == 0)
                {
                    errors.Add(FieldErrors.Invalid(at, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"));
                }
                else if (variables[i].Text("value") is { Length: > 0 })
                {
                    errors.Add(FieldErrors.Invalid(at, "", "may not be specified when `value` is not empty"));
                }
                else if (source.Count > 1)
                {
                    errors.Add(FieldErrors.Invalid(at, "", "may not have more than one field specified at a time"));
                }
            }
        }
    }

    private static void CheckMounts(IList<JsonNode?> mounts, string path, HashSet<string> volumes, ICollection<FieldError> errors)
    {
        HashSet<string> places = [];
        for (var i = 0; i < mounts.Count; i++)
        {
            var name = mounts[i].Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}[{i}].name"));
            }
            else if (!volumes.Contains(name))
            {
                errors.Add(FieldErrors.NotFound($"{path}[{i}].name", name));
            }

            var place = mounts[i].Text("mountPath") ?? "";
            if (place.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}[{i}].mountPath"));
            }
            else if (!places.Add(place))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].mountPath", place, "must be unique"));
            }

            if (mounts[i].Text("subPath") is { Length: > 0 } subPath && (subPath[0] == '/' || subPath.Split('/').Contains("..")))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].subPath", subPath, subPath[0] == '/' ? "must be a relative path" : "must not contain '..'"));
            }
        }
    }
}
