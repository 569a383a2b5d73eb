using System.Text;
using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Kinds;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Faults of an Event, under the names of the core group. The group events.k8s.io is stricter.</summary>
internal static class EventValidation
{
    private const int MaxLength = 128;
    private const int MaxNoteLength = 1024;
    private static readonly Schema Core = BuiltInKinds.SchemaOf(new("", "v1", "Event"))!;

    private static readonly string[] Fixed =
    [
        "involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "reason", "type", "eventTime", "action", "related",
        "reportingComponent", "reportingInstance",
    ];

    /// <summary>Adds the faults of a new event.</summary>
    public static void CheckNew(JsonObject obj, bool strict, ICollection<FieldError> errors)
    {
        var core = new Place(obj, "", Core, errors);
        CheckAlways(core, strict);
        if (!strict)
        {
            return;
        }

        CheckSeries(core["series"]);
        if (!core["eventTime"].HasText)
        {
            core["eventTime"].Required();
        }

        if (core["type"].Text is not ("Normal" or "Warning"))
        {
            core["type"].Invalid("", $"has invalid value: {core["type"].Text}");
        }

        foreach (var field in (ReadOnlySpan<string>)["firstTimestamp", "lastTimestamp"])
        {
            if (core[field].HasText)
            {
                core[field].Invalid("", "needs to be unset");
            }
        }

        if (core["count"].Number != 0)
        {
            core["count"].Invalid("", "needs to be unset");
        }

        if (core["source"]["component"].HasText || core["source"]["host"].HasText)
        {
            core["source"].Invalid("", "needs to be unset");
        }
    }

    /// <summary>Adds the faults of a changed event.</summary>
    public static void CheckUpdate(JsonObject obj, JsonObject old, bool strict, ICollection<FieldError> errors)
    {
        var core = new Place(obj, "", Core, errors);
        CheckAlways(core, strict);
        if (!strict)
        {
            return;
        }

        if (!JsonNode.DeepEquals(obj["series"], old["series"]))
        {
            CheckSeries(core["series"]);
        }

        foreach (var field in Fixed)
        {
            core[field].As(field == "reportingComponent" ? "reportingController" : field).Unchanged(old[field]);
        }
    }

    private static void CheckAlways(Place core, bool strict)
    {
        var (ns, about) = (core["metadata"]["namespace"].Text, core["involvedObject"]["namespace"]);
        if (!core["eventTime"].HasText)
        {
            if (about.HasText ? about.Text != ns : ns != "default")
            {
                about.Invalid(about.Text, "does not match event.namespace");
            }
        }
        else
        {
            CheckTimed(core, about, ns, strict);
        }

        foreach (var fault in Naming.SubdomainFaults(ns))
        {
            core["namespace"].Invalid(ns, fault);
        }
    }

    private static void CheckTimed(Place core, Place about, string ns, bool strict)
    {
        if (!about.HasText && ns is not ("default" or "kube-system"))
        {
            about.Invalid("", "does not match event.namespace");
        }

        var controller = core["reportingComponent"].As(strict ? "reportingController" : "reportingComponent");
        if (!controller.HasText)
        {
            controller.Required();
        }

        controller.Follows(Selectors.LabelSyntax.KeyFaults);
        foreach (var field in (ReadOnlySpan<string>)["reportingInstance", "action", "reason"])
        {
            if (!core[field].HasText)
            {
                core[field].Required();
            }

            CheckLength(core[field], MaxLength);
        }

        CheckLength(core["message"], MaxNoteLength);
    }

    private static void CheckLength(Place place, int most)
    {
        if (Encoding.UTF8.GetByteCount(place.Text) > most)
        {
            place.Invalid("", $"can have at most {most} characters");
        }
    }

    private static void CheckSeries(Place series)
    {
        if (!series.Exists)
        {
            return;
        }

        if (series["count"].Number < 2)
        {
            series["count"].Invalid("", "should be at least 2");
        }

        if (!series["lastObservedTime"].HasText)
        {
            series["lastObservedTime"].Required();
        }
    }
}
