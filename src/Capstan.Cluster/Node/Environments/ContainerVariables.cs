using System.Text;
using Capstan.Cluster.Kinds;
using Capstan.Cluster.Node.Containers;
using Capstan.Cluster.Node.Pods;

namespace Capstan.Cluster.Node.Environments;

/// <summary>The variables that a pod's manifest gives a container.</summary>
internal sealed class ContainerVariables(KubeClient client, ConfigReader config)
{
    /// <summary>All of them, those of Services first: later ones override.</summary>
    /// <exception cref="ContainerConfigException">One comes from something that is not there.</exception>
    public async Task<Dictionary<string, string>> BuildAsync(PodRecord pod, Container container, CancellationToken cancellationToken)
    {
        var services = new Dictionary<string, string>();
        await ServiceVariables.AddAsync(client, pod.Key.Namespace, pod.Pod.Spec.EnableServiceLinks != false, services, cancellationToken);
        var result = new Dictionary<string, string>(services);
        foreach (var source in container.EnvFrom ?? [])
        {
            await AddAllAsync(pod, source, result, cancellationToken);
        }

        foreach (var variable in container.Env ?? [])
        {
            if (await ValueOfAsync(pod, container, variable, result, cancellationToken) is { } value)
            {
                result[variable.Name] = value;
            }
        }

        return result;
    }

    private async Task AddAllAsync(PodRecord pod, EnvironmentSource source, Dictionary<string, string> result, CancellationToken cancellationToken)
    {
        var (kind, reference) = source.SecretRef is { } secret ? (ConfigKind.Secret, secret) : (ConfigKind.ConfigMap, source.ConfigMapRef ?? new());
        var values = await config.ReadAsync(kind, new(pod.Key.Namespace, reference.Name ?? ""), reference.Optional == true, cancellationToken);
        foreach (var (name, value) in values ?? [])
        {
            result[source.Prefix + name] = Encoding.UTF8.GetString(value);
        }
    }

    private async Task<string?> ValueOfAsync(PodRecord pod, Container container, EnvironmentVariable variable, Dictionary<string, string> known, CancellationToken cancellationToken)
    {
        if (variable.ValueFrom is not { } from)
        {
            try
            {
                return VariableText.Expand(variable.Value ?? "", known);
            }
            catch (FormatException fault)
            {
                throw new ContainerConfigException(fault.Message);
            }
        }

        if (from.FieldRef is { } field)
        {
            return PodFields.Read(pod, field.FieldPath);
        }

        if (from.ResourceFieldRef is { } resource)
        {
            return PodFields.Read(pod, resource, container.Name);
        }

        var (kind, reference) = from.SecretKeyRef is { } secret ? (ConfigKind.Secret, secret) : (ConfigKind.ConfigMap, from.ConfigMapKeyRef ?? new());
        var key = new ObjectKey(pod.Key.Namespace, reference.Name ?? "");
        var values = await config.ReadAsync(kind, key, reference.Optional == true, cancellationToken);
        return values is null ? null
            : values.TryGetValue(reference.Key, out var value) ? Encoding.UTF8.GetString(value)
            : reference.Optional == true ? null
            : throw new ContainerConfigException($"couldn't find key {reference.Key} in {kind} {key}");
    }
}
