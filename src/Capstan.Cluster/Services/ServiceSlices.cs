using Capstan.Cluster.Kinds;

namespace Capstan.Cluster.Services;

/// <summary>What all slices of Services have in common.</summary>
internal static class ServiceSlices
{
    /// <summary>Index of slices by the key of the Service that their label names.</summary>
    public const string ByService = "service";

    private const int NameLength = 253;

    public static IEnumerable<string> ServiceOf(DynamicObject slice) => KeyOf(slice) is { } key ? [key.ToString()] : [];

    public static ObjectKey? KeyOf(DynamicObject? slice) =>
        slice is not null && slice.Labels.TryGetValue(EndpointSlice.ServiceName, out var name) && name.Length > 0 ? new ObjectKey(slice.Key.Namespace, name) : null;

    /// <summary>Keys of the Services that a change of a slice concerns: of slices that <paramref name="manager"/> manages or managed.</summary>
    public static IEnumerable<ObjectKey> Concerned(DynamicObject? before, DynamicObject? now, string manager)
    {
        foreach (var slice in new[] { before, now })
        {
            if (slice?.Labels.GetValueOrDefault(EndpointSlice.ManagedBy) == manager && KeyOf(slice) is { } key)
            {
                yield return key;
            }
        }
    }

    /// <summary>From which slices' names are generated.</summary>
    public static string Prefix(ObjectKey service) => service.Name.Length < NameLength ? service.Name + "-" : service.Name;

    public static OwnerReference Owner(ResourceType type, KubeObject owner) => new()
    {
        ApiVersion = type.ApiVersion, Kind = type.Kind, Name = owner.Metadata.Name!, Uid = owner.Metadata.Uid!, Controller = true, BlockOwnerDeletion = true,
    };
}
