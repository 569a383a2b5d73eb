namespace KubeTemplater;

/// <summary>The manifests that come with the operator, for tools that install it. The operator itself installs nothing.</summary>
public static class Manifests
{
    /// <summary>The namespace that <see cref="Access"/> makes: the operator's own, whose policies count.</summary>
    public const string Namespace = "kubetemplater-system";

    /// <summary>The ServiceAccount in it that the operator runs under.</summary>
    public const string ServiceAccount = "kubetemplater";

    /// <summary>The two CustomResourceDefinitions, as YAML documents.</summary>
    public static IReadOnlyList<string> CustomResourceDefinitions { get; } =
        [Read("kubetemplater.io_kubetemplates.yaml"), Read("kubetemplater.io_kubetemplatepolicies.yaml")];

    /// <summary>Namespace, ServiceAccount, roles and bindings: what the operator needs and no more, as YAML documents.</summary>
    public static string Access { get; } = $"{Read("rbac.yaml")}---\n{Read("role.yaml")}";

    /// <summary>The ValidatingWebhookConfiguration and the Service that it leads to, as YAML documents.</summary>
    public static string Admission { get; } = Read("webhook.yaml");

    /// <summary>The Deployment, the Service of its metrics and its PodDisruptionBudget, as YAML documents.</summary>
    public static string Deployment { get; } = Read("manager.yaml");

    /// <summary>The HorizontalPodAutoscaler of the Deployment, for clusters that serve metrics.k8s.io, as a YAML document.</summary>
    public static string Autoscaling { get; } = Read("hpa.yaml");

    private static string Read(string name)
    {
        using var stream = typeof(Manifests).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
