using System.Text.Json.Nodes;
using Databases.Resources;

namespace Databases.Desired;

/// <summary>How a Database is reached.</summary>
internal static class DatabaseServices
{
    private const string PodName = "statefulset.kubernetes.io/pod-name";

    /// <summary>Leads to the primary and no other pod. It names the pod, so that there is no moment in which two are selected.</summary>
    public static Child ToPrimary(Database database, string primary) => Of(database, ChildNames.Primary(database), Select(database, PodName, primary));

    /// <summary>Leads to the standbys; with a single server, to that.</summary>
    public static Child ToStandbys(Database database, string primary, int replicas) =>
        Of(database, ChildNames.ReadOnly(database), replicas == 1 ? Select(database, PodName, primary) : Select(database, ChildNames.Role, PodRole.Standby));

    /// <summary>Gives each pod a name of its own, ready or not.</summary>
    public static Child Headless(Database database) => Of(database, ChildNames.Headless(database), Child.Selector(database), isHeadless: true);

    private static JsonObject Select(Database database, string label, string value)
    {
        var selector = Child.Selector(database);
        selector[label] = value;
        return selector;
    }

    private static Child Of(Database database, string name, JsonObject selector, bool isHeadless = false)
    {
        var spec = new JsonObject
        {
            ["type"] = "ClusterIP",
            ["selector"] = selector,
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "postgres", ["protocol"] = "TCP", ["port"] = ChildNames.Port, ["targetPort"] = ChildNames.Port }),
        };
        if (isHeadless)
        {
            spec["clusterIP"] = "None";
            spec["publishNotReadyAddresses"] = true;
        }

        return Child.Of(database, ChildKinds.Service, name, new() { ["spec"] = spec });
    }
}

/// <summary>Values of the label that tells what a pod is. The operator puts it on; a new pod has none.</summary>
internal static class PodRole
{
    public const string Primary = "primary";
    public const string Standby = "standby";
}
