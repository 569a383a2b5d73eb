using Capstan;
using Capstan.Applying;

namespace Databases.Reconciling;

/// <summary>The conditions of an object's next status: those that it had, and what was found out by now about its present spec.</summary>
internal sealed class NextConditions(KubeObject about, IEnumerable<Condition>? before, TimeProvider time)
{
    public List<Condition> All { get; } = [.. before ?? []];

    public void Set(string type, bool status, string reason, string message) => Conditions.Set(
        All,
        new() { Type = type, Status = status ? "True" : "False", Reason = reason, Message = message, ObservedGeneration = about.Metadata.Generation },
        time);
}
