namespace Databases;

/// <summary>The manifests that come with the operator, for tools that install it. The operator itself installs nothing.</summary>
public static class Manifests
{
    /// <summary>The namespace that <see cref="Access"/> makes: the operator's own.</summary>
    public const string Namespace = "postgres-operator-system";

    /// <summary>The ServiceAccount in it that the operator runs under.</summary>
    public const string ServiceAccount = "postgres-operator-controller-manager";

    /// <summary>The CustomResourceDefinitions, as YAML documents.</summary>
    public static IReadOnlyList<string> CustomResourceDefinitions { get; } =
        [Read("database.example.com_databases.yaml"), Read("database.example.com_backups.yaml"), Read("database.example.com_restores.yaml")];

    /// <summary>Namespace, ServiceAccount, roles and bindings: what the operator needs and no more, as YAML documents.</summary>
    public static string Access { get; } = $"{Read("rbac.yaml")}---\n{Read("role.yaml")}";

    /// <summary>The webhook configurations and the Service that they lead to, as YAML documents.</summary>
    public static string Admission { get; } = Read("webhook.yaml");

    /// <summary>The operator's Deployment and the Service of its metrics, as YAML documents.</summary>
    public static string Deployment { get; } = Read("manager.yaml");

    private static string Read(string name)
    {
        using var stream = typeof(Manifests).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
