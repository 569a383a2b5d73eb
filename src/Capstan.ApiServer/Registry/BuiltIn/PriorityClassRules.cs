using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of PriorityClass: high values, and names that begin like those of the system, are the system's.</summary>
internal sealed class PriorityClassRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private const string SystemPrefix = "system-";
    private const long HighestOfUsers = 1_000_000_000;

    /// <summary>The classes that every cluster has: name, value, description.</summary>
    public static readonly IReadOnlyList<(string Name, long Value, string Description)> OfSystem =
    [
        ("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their current node."),
        ("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
    ];

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var name = obj.Text("metadata", "name") ?? "";
        if (name.StartsWith(SystemPrefix, StringComparison.Ordinal))
        {
            if (SystemFault(obj, name) is { } fault)
            {
                errors.Add(FieldErrors.Forbidden("metadata.name", $"priority class names with '{SystemPrefix}' prefix are reserved for system use only. error: {fault}"));
            }
        }
        else if (obj.Number("value") > HighestOfUsers)
        {
            errors.Add(FieldErrors.Forbidden("value", $"maximum allowed value of a user defined priority is {HighestOfUsers}"));
        }

        if (obj.Text("preemptionPolicy") is { } policy && policy is not ("PreemptLowerPriority" or "Never"))
        {
            errors.Add(policy.Length == 0 ? FieldErrors.Required("preemptionPolicy") : FieldErrors.NotSupported("preemptionPolicy", policy, ["PreemptLowerPriority", "Never"]));
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        if (obj.Number("value") != old.Number("value"))
        {
            errors.Add(FieldErrors.Forbidden("value", "may not be changed in an update."));
        }

        Immutable(obj, old, errors, "preemptionPolicy");
    }

    private static string? SystemFault(JsonObject obj, string name)
    {
        var known = OfSystem.FirstOrDefault(c => c.Name == name);
        return known.Name is null ? $"{name} is not a known system priority class"
            : (obj.Number("value") ?? 0) != known.Value ? $"value of {name} PriorityClass must be {known.Value}"
            : obj.Flag("globalDefault") == true ? $"globalDefault of {name} PriorityClass must be false"
            : null;
    }
}
