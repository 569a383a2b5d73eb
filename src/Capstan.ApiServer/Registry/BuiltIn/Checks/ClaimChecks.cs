using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of PersistentVolumeClaim, and of claims within other objects.</summary>
internal static class ClaimChecks
{
    private const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";
    private static readonly string[] ResizeStates = ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"];

    /// <summary>PersistentVolumeClaim.</summary>
    public static readonly KindCheck Claim = new(claim => CheckSpec(claim["spec"]))
    {
        Update = CheckUpdate,
        Status = CheckStatus,
        Warn = claim => (claim["metadata"]["annotations"][ClassAnnotation].Exists
            ? [$"metadata.annotations[{ClassAnnotation}]: deprecated since v1.8; use \"storageClassName\" attribute instead"]
            : Array.Empty<string>()).Concat(WarningsOf(claim["spec"])),
        WarnOfStatus = _ => [],
    };

    /// <summary>Texts of warnings for a spec.</summary>
    public static IEnumerable<string> WarningsOf(Place spec)
    {
        foreach (var field in (string[])["requests", "limits"])
        {
            if (Amounts.Of(spec["resources"][field]["storage"]) is { } amount && !Amounts.IsWhole(amount))
            {
                yield return $"{spec.Path}.resources.{field}[storage]: fractional byte value \"{spec["resources"][field]["storage"].Text}\" is invalid, must be an integer";
            }
        }
    }

    /// <summary>Faults of a spec.</summary>
    public static void CheckSpec(Place spec)
    {
        var modes = spec["accessModes"];
        if (modes.Count == 0)
        {
            modes.Required("at least 1 access mode is required");
        }

        spec["selector"].Selector();
        VolumeChecks.CheckAccessModes(modes);
        var storage = spec["resources"]["requests"]["storage"].As($"{spec["resources"].Path}[storage]");
        if (!storage.Exists)
        {
            storage.Required();
        }
        else
        {
            Amounts.Positive(storage);
        }

        spec["storageClassName"].NoneOrFollows(Naming.SubdomainFaults);
        spec["volumeMode"].NoneOrOneOf("Block", "Filesystem");
        var (source, reference) = (spec["dataSource"], spec["dataSourceRef"]);
        CheckSource(source);
        CheckSource(reference);
        reference["namespace"].NoneOrFollows(Naming.LabelFaults);
        if (source.Exists && reference.Exists)
        {
            if (reference["namespace"].HasText)
            {
                spec.Invalid(new JsonObject(), "may not be specified when dataSourceRef.namespace is specified");
            }
            else if (source["apiGroup"].Value.Text() != reference["apiGroup"].Value.Text() || source["kind"].Text != reference["kind"].Text || source["name"].Text != reference["name"].Text)
            {
                spec.Invalid(new JsonObject(), "must match dataSourceRef");
            }
        }

        spec["volumeAttributesClassName"].NoneOrFollows(Naming.SubdomainFaults);
    }

    private static void CheckSource(Place source)
    {
        if (!source.Exists)
        {
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["name", "kind"])
        {
            if (!source[field].HasText)
            {
                source[field].Required();
            }
        }

        if (!source["apiGroup"].HasText && source["kind"].Text != "PersistentVolumeClaim")
        {
            source.Invalid(source["kind"].Text, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        }

        source["apiGroup"].NoneOrFollows(Naming.SubdomainFaults);
    }

    private static void CheckUpdate(Place claim, JsonObject old)
    {
        CheckSpec(claim["spec"]);
        var annotation = claim["metadata"]["annotations"][ClassAnnotation];
        var before = old.Text("metadata", "annotations", ClassAnnotation);
        var namesClass = old.At("spec", "storageClassName") is null && claim["spec"]["storageClassName"].Exists;
        var replacesAnnotation = before is not null && namesClass && claim["spec"]["storageClassName"].Text == before && (!annotation.Exists || annotation.Text == before);
        if (!replacesAnnotation && annotation.Text != (before ?? ""))
        {
            annotation.As($"metadata.annotations[{ClassAnnotation}]").Invalid(annotation.Text, "field is immutable");
        }

        // What was left open may be decided later; a claim that is bound may grow.
        var (now, was) = (Clone(claim.Value), Clone(old));
        if (string.IsNullOrEmpty(was.Text("volumeName")))
        {
            Take(now, was, "volumeName");
        }

        if (replacesAnnotation || (namesClass && (before is null || before == claim["spec"]["storageClassName"].Text)))
        {
            now.Remove("storageClassName");
        }

        if (claim["status"]["phase"].Text == "Bound")
        {
            if (now.Map("resources", "requests") is { } requests)
            {
                Take(was.Map("resources", "requests"), requests, "storage");
            }

            Take(was, now, "volumeAttributesClassName");
        }

        if (!JsonNode.DeepEquals(now, was))
        {
            claim["spec"].Forbidden(
                $"spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n{InternalForm.Difference(was, now, claim["spec"].Schema)}");
        }

        CheckShrunk(claim["spec"]["resources"]["requests"]["storage"], old);
        claim["spec"]["volumeMode"].As("volumeMode").Unchanged(old.At("spec", "volumeMode"));
        CheckAttributesClass(claim["spec"]["volumeAttributesClassName"], old);
    }

    private static JsonObject Clone(JsonNode? claim) => claim.Map("spec")?.DeepClone().AsObject() ?? [];

    private static void Take(JsonObject? from, JsonObject to, string field)
    {
        to.Remove(field);
        if (from?[field] is { } value)
        {
            to[field] = value.DeepClone();
        }
    }

    // A claim whose growth failed may shrink again, though not below what it has.
    private static void CheckShrunk(Place storage, JsonObject old)
    {
        var size = Amounts.Of(storage) ?? default;
        if (Read(old.At("spec", "resources", "requests", "storage")) is { } before && size.CompareTo(before) < 0
            && size.CompareTo(Read(old.At("status", "capacity", "storage")) ?? default) <= 0)
        {
            storage.Forbidden("field can not be less than status.capacity");
        }
    }

    private static Quantity? Read(JsonNode? amount) => Quantity.TryParse(amount.Text(), out var quantity, out _) ? quantity : null;

    private static void CheckAttributesClass(Place name, JsonObject old)
    {
        if (name.Text == (old.Text("spec", "volumeAttributesClassName") ?? "") || old.At("status", "currentVolumeAttributesClassName") is null || name.HasText)
        {
            return;
        }

        name.Forbidden(name.Exists
            ? "update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil"
            : "update to nil is forbidden when status.currentVolumeAttributesClassName is not nil");
    }

    private static void CheckStatus(Place claim, JsonObject old)
    {
        foreach (var (_, amount) in claim["status"]["capacity"].Entries)
        {
            Amounts.Sound(amount);
        }

        var states = claim["status"]["allocatedResourceStatuses"];
        foreach (var (name, state) in states.Entries)
        {
            CheckResource(states, name);
            if (!ResizeStates.Contains(state.Text))
            {
                (states with { Value = name }).NotSupported(ResizeStates);
            }
        }

        foreach (var (name, amount) in claim["status"]["allocatedResources"].Entries)
        {
            CheckResource(claim["status"]["allocatedResources"], name);
            Amounts.Sound(amount);
        }
    }

    private static void CheckResource(Place resources, string name)
    {
        foreach (var fault in Selectors.LabelSyntax.KeyFaults(name))
        {
            resources.Invalid(name, fault);
        }

        if (!name.Contains('/', StringComparison.Ordinal) && name != "storage")
        {
            (resources with { Value = name }).NotSupported("storage");
        }
    }
}
