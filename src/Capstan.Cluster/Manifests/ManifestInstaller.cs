using System.Text.Json.Nodes;

namespace Capstan.Cluster.Manifests;

/// <summary>Applies manifests to a cluster in an order that works: definitions of kinds, then namespaces, then everything else as written.</summary>
/// <remarks>Thread-safe. Server-side apply: doing it again changes nothing, and gives back what others changed.</remarks>
public sealed class ManifestInstaller(KubeClient client, string fieldManager)
{
    private static readonly ResourceType Definitions = new("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Namespaced: false);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a CustomResourceDefinition may take until its kind is served. Default 30 s.</summary>
    public TimeSpan EstablishTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Namespace of namespaced objects that name none. Default <c>default</c>.</summary>
    public string DefaultNamespace { get; init; } = "default";

    /// <summary>Applies all; the first that is refused ends it.</summary>
    /// <exception cref="ApiException">The server refused an object.</exception>
    /// <exception cref="KindNotServedException">No such kind, and none of the definitions made it.</exception>
    /// <exception cref="TimeoutException">A definition was not established in time; the message says what stands in the way.</exception>
    public async Task ApplyAsync(IEnumerable<DynamicObject> objects, CancellationToken cancellationToken = default)
    {
        var rest = new List<DynamicObject>();
        var definitions = new List<DynamicObject>();
        foreach (var found in objects)
        {
            (found is { Kind: "CustomResourceDefinition" } ? definitions : rest).Add(found);
        }

        foreach (var definition in definitions)
        {
            await ApplyAsync(Definitions, definition, cancellationToken);
        }

        foreach (var definition in definitions)
        {
            await EstablishedAsync(definition.Key, cancellationToken);
        }

        if (definitions.Count > 0)
        {
            client.Discovery.Forget();
        }

        // Whoever makes such objects next finds their kinds, if not in this call then in another.
        foreach (var kind in definitions.SelectMany(KindsOf))
        {
            await ServedAsync(kind, wait: true, cancellationToken);
        }

        foreach (var next in rest.OrderBy(found => found is { Kind: "Namespace", ApiVersion: "v1" } ? 0 : 1))
        {
            await ApplyAsync(await ServedAsync(next.GroupVersionKind, wait: false, cancellationToken), next, cancellationToken);
        }
    }

    private static IEnumerable<GroupVersionKind> KindsOf(DynamicObject definition) =>
        definition.ToJson()["spec"] is not { } spec ? [] :
        from version in spec["versions"] as JsonArray ?? []
        where (bool?)version?["served"] == true
        select new GroupVersionKind((string?)spec["group"] ?? "", (string?)version["name"] ?? "", (string?)spec["names"]?["kind"] ?? "");

    // What is established is served a moment later, by every API server: discovery is asked until it knows.
    private async Task<ResourceType> ServedAsync(GroupVersionKind kind, bool wait, CancellationToken cancellationToken)
    {
        var time = client.Options.TimeProvider;
        var start = time.GetTimestamp();
        while (true)
        {
            if (await client.Discovery.FindAsync(kind, cancellationToken) is { } type)
            {
                return type;
            }

            if (!wait || time.GetElapsedTime(start) > EstablishTimeout)
            {
                throw new KindNotServedException(kind);
            }

            await Task.Delay(Pause, time, cancellationToken);
            client.Discovery.Forget();
        }
    }

    private Task ApplyAsync(ResourceType type, DynamicObject found, CancellationToken cancellationToken)
    {
        var @namespace = !type.Namespaced ? "" : found.Key.Namespace.Length > 0 ? found.Key.Namespace : DefaultNamespace;
        var options = new ApplyOptions { FieldManager = fieldManager, Force = true };
        return client.ApplyAsync(type, new ObjectKey(@namespace, found.Key.Name), found.Json, options, cancellationToken);
    }

    private async Task EstablishedAsync(ObjectKey definition, CancellationToken cancellationToken)
    {
        var time = client.Options.TimeProvider;
        var start = time.GetTimestamp();
        while (true)
        {
            var conditions = (await client.GetAsync(Definitions, definition, cancellationToken)).ToJson()["status"]?["conditions"] as JsonArray ?? [];
            if (conditions.Any(condition => (string?)condition?["type"] == "Established" && (string?)condition["status"] == "True"))
            {
                return;
            }

            if (time.GetElapsedTime(start) > EstablishTimeout)
            {
                var why = conditions.FirstOrDefault(condition => (string?)condition?["status"] == "False")?["message"];
                throw new TimeoutException($"{definition.Name} is not established after {EstablishTimeout.TotalSeconds} s: {(string?)why ?? "no reason given"}");
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
