using System.Text.Json.Nodes;
using Databases.Resources;

namespace Databases.Desired;

/// <summary>Lets one server go at a time, when nodes are drained. A single server has none: it would keep its node from ever being drained.</summary>
internal static class DisruptionBudget
{
    public static Child Of(Database database) => Child.Of(database, ChildKinds.DisruptionBudget, database.Metadata.Name!, new()
    {
        ["spec"] = new JsonObject { ["maxUnavailable"] = 1, ["selector"] = new JsonObject { ["matchLabels"] = Child.Selector(database) } },
    });
}
