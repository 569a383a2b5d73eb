using Capstan.Cluster.Manifests;
using Databases;
using Databases.Resources;
using KubeTemplater;
using KubeTemplater.Resources;
using Microsoft.Extensions.Logging;

namespace Capstan.Tool.Local.Operators;

/// <summary>What is known here of an operator: the manifests by which users install it, and how it is built inside of this process.</summary>
internal sealed record LocalOperator
{
    /// <summary>As <c>--operators</c> names it.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace, and its ServiceAccount there.</summary>
    public required ObjectKey Account { get; init; }

    /// <summary>Group of its kinds.</summary>
    public required string ApiGroup { get; init; }

    /// <summary>Its kinds, its namespace and its account with the rights that it ships, as YAML documents.</summary>
    public required IReadOnlyList<string> Ground { get; init; }

    /// <summary>Its Deployment and what comes with that, as YAML documents.</summary>
    public required IReadOnlyList<string> Workload { get; init; }

    /// <summary>Its webhook configurations and the Service that they lead to, as YAML documents.</summary>
    public required string Admission { get; init; }

    /// <summary>Folder of the repository with its code and manifests, under <c>operators</c>.</summary>
    public required string Folder { get; init; }

    /// <summary>Name of its image, without registry and tag.</summary>
    public required string ImageName { get; init; }

    /// <summary>Name of the roles that are made from its code.</summary>
    public required string RoleName { get; init; }

    /// <summary>Its kinds, and the bytes of memory that it needs for one besides the object's own JSON.</summary>
    public required IReadOnlyList<(ResourceType Type, int Besides)> Kinds { get; init; }

    /// <summary>An object of a kind that its webhooks judge; it has no name.</summary>
    public required DynamicObject Sample { get; init; }

    /// <summary>Image whose program it wants on this machine, and the flag with which its pods do without; null: it wants none.</summary>
    public (string Image, string FlagWithout)? Program { get; init; }

    /// <summary>Builds it for a cluster whose pods do not run: by its own client, with webhooks or without.</summary>
    public required Func<KubeClient, bool, ILoggerFactory, Operator> Build { get; init; }

    /// <summary>Many objects from one KubeTemplate.</summary>
    public static LocalOperator KubeTemplater { get; } = new()
    {
        Name = "kubetemplater",
        Account = new(global::KubeTemplater.Manifests.Namespace, global::KubeTemplater.Manifests.ServiceAccount),
        ApiGroup = "kubetemplater.io",
        Ground = [.. global::KubeTemplater.Manifests.CustomResourceDefinitions, global::KubeTemplater.Manifests.Access],
        Folder = "KubeTemplater",
        ImageName = "kubetemplater",
        RoleName = "kubetemplater",
        Kinds = [(KubeTemplate.Resource, 1_500), (KubeTemplatePolicy.Resource, 20_000)],
        Sample = DynamicObject.Parse("""{"apiVersion":"kubetemplater.io/v1alpha1","kind":"KubeTemplate","spec":{"templates":[{"object":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"capstan-doctor"}}}]}}"""u8.ToArray()),
        Workload = [global::KubeTemplater.Manifests.Deployment, global::KubeTemplater.Manifests.Autoscaling],
        Admission = global::KubeTemplater.Manifests.Admission,
        Build = (client, admission, logs) => KubeTemplaterOperator.Build(
            client,
            KubeTemplaterOptions.FromEnvironment(Environment.GetEnvironmentVariable) with
            {
                OperatorNamespace = global::KubeTemplater.Manifests.Namespace,
                MetricsBindAddress = FreePort,
                MetricsSecure = false,
                HealthProbeBindAddress = FreePort,
                Admission = admission ? new() { BindAddress = FreePort, UseLocalUrl = true } : new(),
            },
            logs),
    };

    /// <summary>PostgreSQL from one Database.</summary>
    public static LocalOperator Database { get; } = new()
    {
        Name = "database",
        Account = new(Databases.Manifests.Namespace, Databases.Manifests.ServiceAccount),
        ApiGroup = "database.example.com",
        Ground = [.. Databases.Manifests.CustomResourceDefinitions, Databases.Manifests.Access],
        Folder = "Database",
        ImageName = "postgres-operator",
        RoleName = "postgres-operator-manager-role",
        Kinds = [(Databases.Resources.Database.Resource, 30_000), (Backup.Resource, 10_000), (Restore.Resource, 10_000)],
        Sample = DynamicObject.Parse("""{"apiVersion":"database.example.com/v1","kind":"Database","spec":{}}"""u8.ToArray()),
        Workload = [Databases.Manifests.Deployment],
        Admission = Databases.Manifests.Admission,
        Program = ("postgres", "--connect=false"),
        Build = (client, admission, logs) => DatabaseOperator.Build(
            client,
            new DatabaseOperatorOptions
            {
                MetricsBindAddress = FreePort,
                HealthProbeBindAddress = FreePort,
                Webhooks = admission ? new() { BindAddress = FreePort, SelfSigned = new() { UseLocalUrl = true } } : null,

                // Where this one runs, pods are simulated at most: there is nobody to connect to.
                Connect = false,
            },
            logs),
    };

    /// <summary>All.</summary>
    public static IReadOnlyList<LocalOperator> All { get; } = [KubeTemplater, Database];

    private const string FreePort = "127.0.0.1:0";

    /// <summary>Reads manifests of it.</summary>
    public IEnumerable<DynamicObject> Read(params IEnumerable<string> texts) => texts.SelectMany(text => ManifestReader.Read(text, Name));

    /// <summary>Whether an object is of one of its kinds.</summary>
    public bool Owns(DynamicObject found) => found.GroupVersionKind.Group == ApiGroup;

    /// <summary>Its name: help prints the default of <c>--operators</c> by this.</summary>
    public override string ToString() => Name;
}
