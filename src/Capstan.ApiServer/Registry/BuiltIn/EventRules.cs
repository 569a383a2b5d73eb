using System.Globalization;
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
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var (about, field) = IsNew ? (obj.At("regarding"), "regarding") : (obj.At("involvedObject"), "involvedObject");
        var ns = about.Text("namespace") ?? "";
        if (ns.Length > 0 && ns != obj.Text("metadata", "namespace"))
        {
            errors.Add(FieldErrors.Invalid($"{field}.namespace", ns, "does not match event.namespace"));
        }
        else if (ns.Length == 0 && obj.Text("metadata", "namespace") is not ("default" or "kube-system"))
        {
            errors.Add(FieldErrors.Invalid($"{field}.namespace", ns, "does not match event.namespace"));
        }

        if (IsNew)
        {
            CheckNew(obj, errors);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors) => ValidateKind(obj, errors);

    private static void CheckNew(JsonObject obj, ICollection<FieldError> errors)
    {
        if (obj.Text("eventTime") is null)
        {
            errors.Add(FieldErrors.Required("eventTime"));
        }
        else
        {
            foreach (var field in (ReadOnlySpan<string>)["reportingController", "reportingInstance", "action", "reason"])
            {
                if (string.IsNullOrEmpty(obj.Text(field)))
                {
                    errors.Add(FieldErrors.Required(field));
                }
            }
        }

        if (obj.Text("type") is not ("Normal" or "Warning"))
        {
            errors.Add(FieldErrors.Invalid("type", "", string.Create(CultureInfo.InvariantCulture, $"has invalid value: {obj.Text("type")}")));
        }
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
