using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Decides what the status of a CustomResourceDefinition says: which of its names are accepted, and whether it is established.</summary>
internal static class DefinitionStatus
{
    /// <summary>A condition, without its time.</summary>
    public readonly record struct Observed(string Type, string Status, string Reason, string Message);

    /// <summary>Whether a condition is true.</summary>
    public static bool IsTrue(JsonObject definition, string type) =>
        definition.Items("status", "conditions").FirstOrDefault(c => c.Text("type") == type).Text("status") == "True";

    /// <summary>Sets a condition in place of one of its type; the time moves only when the status does.</summary>
    public static void SetCondition(JsonObject definition, Observed observed, DateTimeOffset now)
    {
        var status = definition.GetOrAddMap("status")!;
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var known = conditions.OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == observed.Type);
        if (known is null)
        {
            conditions.Add((JsonNode)(known = new() { ["type"] = observed.Type }));
        }

        if (known.Text("status") != observed.Status || known["lastTransitionTime"] is null)
        {
            known["lastTransitionTime"] = KubeTime.Format(now);
        }

        known["status"] = observed.Status;
        known["reason"] = observed.Reason;
        known["message"] = observed.Message;
    }

    /// <summary>Compares the names that are asked for with those that the other definitions of the group have, and sets acceptedNames, NamesAccepted and
    /// Established accordingly.</summary>
    /// <param name="definition">Changed in place.</param>
    /// <param name="others">The other definitions of the same group.</param>
    /// <param name="now">Time of the transition, if there is one.</param>
    public static void Judge(JsonObject definition, IReadOnlyCollection<JsonObject> others, DateTimeOffset now)
    {
        var wanted = definition.Map("spec", "names")!;
        var accepted = (JsonObject)(definition.Map("status", "acceptedNames")?.DeepClone() ?? new JsonObject());
        var resources = others.SelectMany(o => Resources(o.At("status", "acceptedNames"))).ToHashSet();
        var kinds = others.SelectMany(o => Kinds(o.At("status", "acceptedNames"))).ToHashSet();
        Observed? conflict = null;

        // The last conflict is the one that is told, as in Kubernetes.
        Accept("plural", resources, "PluralConflict");
        Accept("singular", resources, "SingularConflict");
        AcceptShortNames();
        Accept("kind", kinds, "KindConflict");
        Accept("listKind", kinds, "ListKindConflict");
        Copy(wanted, accepted, "categories");

        definition.GetOrAddMap("status")!["acceptedNames"] = accepted;
        SetCondition(definition, conflict ?? new("NamesAccepted", "True", "NoConflicts", "no conflicts found"), now);
        if (IsTrue(definition, "Established"))
        {
            return;
        }

        SetCondition(definition, conflict is null
            ? new("Established", "True", "InitialNamesAccepted", "the initial names have been accepted")
            : new("Established", "False", "NotAccepted", "not all names are accepted"), now);

        void Accept(string field, HashSet<string> used, string reason)
        {
            var name = wanted.Text(field) ?? "";
            if (name != (accepted.Text(field) ?? "") && used.Contains(name))
            {
                conflict = new("NamesAccepted", "False", reason, $"\"{name}\" is already in use");
            }
            else
            {
                Copy(wanted, accepted, field);
            }
        }

        void AcceptShortNames()
        {
            var own = accepted.Items("shortNames").Select(n => n.Text()).ToHashSet();
            var taken = wanted.Items("shortNames").Select(n => n.Text() ?? "").Where(n => !own.Contains(n) && resources.Contains(n)).Select(n => $"\"{n}\" is already in use").ToList();
            if (taken.Count > 0)
            {
                conflict = new("NamesAccepted", "False", "ShortNamesConflict", taken.Count == 1 ? taken[0] : $"[{string.Join(", ", taken)}]");
            }
            else
            {
                Copy(wanted, accepted, "shortNames");
            }
        }
    }

    private static IEnumerable<string> Resources(JsonNode? names) =>
        [names.Text("plural") ?? "", names.Text("singular") ?? "", .. names.Items("shortNames").Select(n => n.Text() ?? "")];

    private static IEnumerable<string> Kinds(JsonNode? names) => [names.Text("kind") ?? "", names.Text("listKind") ?? ""];

    private static void Copy(JsonObject from, JsonObject to, string field)
    {
        if (from[field] is { } value)
        {
            to[field] = value.DeepClone();
        }
        else
        {
            to.Remove(field);
        }
    }
}
