namespace Capstan.Tool.Load;

/// <summary>A cluster is loaded only where somebody said that it may be.</summary>
internal static class LoadPermission
{
    /// <summary>The mark, on namespace <c>kube-system</c>, which every cluster has.</summary>
    public const string Label = "capstan.dev/load";

    /// <summary>Value of the mark.</summary>
    public const string Allowed = "allowed";

    /// <summary>Namespace that bears it.</summary>
    public const string Namespace = "kube-system";

    private static readonly ResourceType Namespaces = new("", "v1", "Namespace", "namespaces", Namespaced: false);

    /// <summary>Returns if the cluster bears the mark.</summary>
    /// <exception cref="CannotRunException">It does not; nothing was changed.</exception>
    public static async Task CheckAsync(KubeClient client, CancellationToken stop)
    {
        var marked = await client.FindAsync(Namespaces, ObjectKey.ClusterScoped(Namespace), stop);
        if (marked?.Labels.GetValueOrDefault(Label) != Allowed)
        {
            throw new CannotRunException(
                $"{client.Config.Server.Authority} is not marked for load: this would make many objects in it. If that is what you want: "
                + $"kubectl label namespace {Namespace} {Label}={Allowed}, or --yes for this once");
        }
    }

    /// <summary>Marks a cluster that is one's own.</summary>
    public static Task MarkAsync(KubeClient client, CancellationToken stop) => client.PatchAsync(
        Namespaces, ObjectKey.ClusterScoped(Namespace), PatchType.Merge, """{"metadata":{"labels":{"capstan.dev/load":"allowed"}}}"""u8.ToArray(), cancellationToken: stop);
}
