using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of Event. The core group and events.k8s.io serve the same objects under two sets of names; they are stored under those of the core group.</summary>
internal sealed class EventRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    private static readonly (string Core, string New)[] Names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    private static readonly string[] CoreFields =
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
    ];

    private bool IsNew => Type.Group.Length > 0;

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields => IsNew
        ? [.. CoreFields.Select(f => f.Replace("involvedObject.", "regarding.", StringComparison.Ordinal)), "reportingController"]
        : CoreFields;

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field)
    {
        // Asked of objects of this version; the selectors of both groups are the same under their own names.
        switch (field)
        {
            case "source":
                return FirstGiven(obj.Text("source", "component") ?? obj.Text("deprecatedSource", "component"), obj.Text("reportingComponent") ?? obj.Text("reportingController"));
            case "reportingComponent" or "reportingController":
                return obj.Text("reportingComponent") ?? obj.Text("reportingController") ?? "";
            default:
                return SelectableFields.Contains(field) ? obj.Text(field.Split('.')) ?? "" : base.FieldValue(obj, field);
        }
    }

    /// <inheritdoc/>
    public override void FromStorage(JsonObject stored)
    {
        if (IsNew)
        {
            foreach (var (core, renamed) in Names)
            {
                Rename(stored, core, renamed);
            }

            // Written even when empty under the old names, and not under the new.
            foreach (var field in (ReadOnlySpan<string>)["reportingController", "reportingInstance"])
            {
                if (stored.Text(field) == "")
                {
                    stored.Remove(field);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void ToStorage(JsonObject obj)
    {
        if (IsNew)
        {
            foreach (var (core, renamed) in Names)
            {
                Rename(obj, renamed, core);
            }
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors) => EventValidation.CheckNew(InCore(obj), IsNew, errors);

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors) => EventValidation.CheckUpdate(InCore(obj), InCore(old), IsNew, errors);

    // Faults are told by the names of the core group, whichever was used.
    private JsonObject InCore(JsonObject obj)
    {
        if (!IsNew)
        {
            return obj;
        }

        var clone = obj.DeepClone().AsObject();
        ToStorage(clone);
        return clone;
    }

    private static string FirstGiven(string? first, string? second) => !string.IsNullOrEmpty(first) ? first : second ?? "";

    private static void Rename(JsonObject obj, string from, string to)
    {
        if (obj.TryGetPropertyValue(from, out var value))
        {
            obj.Remove(from);
            obj[to] = value;
        }
    }
}
