using System.Text;
using System.Text.Json.Nodes;
using Capstan.Schemas;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry;

/// <summary>What every object's metadata must obey (apimachinery <c>ValidateObjectMeta</c>).</summary>
internal static class MetadataRules
{
    private const long MaxAnnotationBytes = 256 << 10;
    private const int MaxSubresourceBytes = 256;

    /// <summary>Faults of the metadata of a new object.</summary>
    public static void Check(JsonObject obj, bool namespaced, NameRule nameRule, ICollection<FieldError> errors, string path = "metadata")
    {
        var metadata = obj.At("metadata");
        if (metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            Add(errors, $"{path}.generateName", prefix, nameRule(prefix, true));
        }

        if (metadata.Text("name") is { Length: > 0 } name)
        {
            Add(errors, $"{path}.name", name, nameRule(name, false));
        }
        else
        {
            errors.Add(FieldErrors.Required($"{path}.name", "name or generateName is required"));
        }

        CheckCommon(metadata, namespaced, errors, path);
    }

    /// <summary>Faults of metadata that concern all kinds alike: everything but the name.</summary>
    public static void CheckCommon(JsonNode? metadata, bool namespaced, ICollection<FieldError> errors, string path = "metadata")
    {
        var ns = metadata.Text("namespace") ?? "";
        if (!namespaced && ns.Length > 0)
        {
            errors.Add(FieldErrors.Forbidden($"{path}.namespace", "not allowed on this type"));
        }
        else if (namespaced && ns.Length == 0)
        {
            errors.Add(FieldErrors.Required($"{path}.namespace"));
        }
        else if (namespaced)
        {
            Add(errors, $"{path}.namespace", ns, Naming.DnsLabel(ns, false));
        }

        if (metadata.Number("generation") is < 0)
        {
            errors.Add(FieldErrors.Invalid($"{path}.generation", metadata.At("generation"), "must be greater than or equal to 0"));
        }

        CheckDescriptions(metadata, errors, path);
        CheckFinalizers(metadata.Items("finalizers"), $"{path}.finalizers", errors);
        CheckManagers(metadata.Items("managedFields"), $"{path}.managedFields", errors);
    }

    /// <summary>Faults of a change of metadata: what belongs to the server, or to the object's identity, stays.</summary>
    public static void CheckUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        var (now, before) = (obj.At("metadata"), old.At("metadata"));
        if (before.Text("deletionTimestamp") is not null)
        {
            var known = before.Items("finalizers").Select(f => f.Text()).ToHashSet();
            var added = now.Items("finalizers").Select(f => f.Text() ?? "").Where(f => !known.Contains(f)).Order(StringComparer.Ordinal).ToList();
            if (added.Count > 0)
            {
                errors.Add(FieldErrors.Forbidden("metadata.finalizers",
                    $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(GoFormat.Quote))}}}"));
            }
        }

        if (string.IsNullOrEmpty(now.Text("resourceVersion")))
        {
            errors.Add(FieldErrors.Invalid("metadata.resourceVersion", "", "must be specified for an update"));
        }

        if ((now.Number("generation") ?? 0) < (before.Number("generation") ?? 0))
        {
            errors.Add(FieldErrors.Invalid("metadata.generation", now.At("generation") ?? 0, "must not be decremented"));
        }

        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            if (!JsonNode.DeepEquals(now.At(field), before.At(field)))
            {
                errors.Add(FieldErrors.Invalid($"metadata.{field}", now.At(field), "field is immutable"));
            }
        }

        CheckDescriptions(now, errors, "metadata");
        CheckManagers(now.Items("managedFields"), "metadata.managedFields", errors);
    }

    private static void CheckDescriptions(JsonNode? metadata, ICollection<FieldError> errors, string path)
    {
        CheckLabels(metadata.Map("labels"), $"{path}.labels", errors);
        CheckAnnotations(metadata.Map("annotations"), $"{path}.annotations", errors);
        CheckOwners(metadata.Items("ownerReferences"), $"{path}.ownerReferences", errors);
    }

    private static void CheckManagers(IList<JsonNode?> entries, string path, ICollection<FieldError> errors)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Text("operation") is not ("Apply" or "Update"))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].operation", entries[i].Text("operation") ?? "", "must be `Apply` or `Update`"));
            }

            if (entries[i].Text("fieldsType") is { Length: > 0 } type && type != "FieldsV1")
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].fieldsType", type, "must be `FieldsV1`"));
            }

            FieldManagerName.Check(entries[i].Text("manager") ?? "", $"{path}[{i}].manager", errors);
            if (Encoding.UTF8.GetByteCount(entries[i].Text("subresource") ?? "") > MaxSubresourceBytes)
            {
                errors.Add(FieldErrors.TooLong($"{path}[{i}].subresource", MaxSubresourceBytes));
            }
        }
    }

    /// <summary>Faults of a map of labels.</summary>
    public static void CheckLabels(JsonObject? labels, string path, ICollection<FieldError> errors)
    {
        foreach (var (key, value) in labels ?? [])
        {
            Add(errors, path, key, LabelSyntax.KeyFaults(key));
            Add(errors, path, value.Text() ?? "", LabelSyntax.ValueFaults(value.Text() ?? ""));
        }
    }

    /// <summary>Faults of a map of annotations; keys may be written in any case.</summary>
    public static void CheckAnnotations(JsonObject? annotations, string path, ICollection<FieldError> errors)
    {
        var bytes = 0L;
        foreach (var (key, value) in annotations ?? [])
        {
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.Text() ?? "");
            Add(errors, path, key, LabelSyntax.KeyFaults(key.ToLowerInvariant()));
        }

        if (bytes > MaxAnnotationBytes)
        {
            errors.Add(FieldErrors.TooLong(path, MaxAnnotationBytes));
        }
    }

    /// <summary>Faults of a meta/v1 LabelSelector.</summary>
    public static void CheckSelector(JsonNode? selector, string path, ICollection<FieldError> errors)
    {
        CheckLabels(selector.Map("matchLabels"), $"{path}.matchLabels", errors);
        var expressions = selector.Items("matchExpressions");
        for (var i = 0; i < expressions.Count; i++)
        {
            var at = $"{path}.matchExpressions[{i}]";
            var values = expressions[i].Items("values");
            switch (expressions[i].Text("operator") ?? "")
            {
                case "In" or "NotIn" when values.Count == 0:
                    errors.Add(FieldErrors.Required($"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'"));
                    break;
                case "Exists" or "DoesNotExist" when values.Count > 0:
                    errors.Add(FieldErrors.Forbidden($"{at}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
                    break;
                case "In" or "NotIn" or "Exists" or "DoesNotExist":
                    break;
                case var other:
                    errors.Add(FieldErrors.Invalid($"{at}.operator", other, "not a valid selector operator"));
                    break;
            }

            var key = expressions[i].Text("key") ?? "";
            Add(errors, $"{at}.key", key, LabelSyntax.KeyFaults(key));
            for (var v = 0; v < values.Count; v++)
            {
                Add(errors, $"{at}.values[{v}]", values[v].Text() ?? "", LabelSyntax.ValueFaults(values[v].Text() ?? ""));
            }
        }
    }

    private static void CheckOwners(IList<JsonNode?> owners, string path, ICollection<FieldError> errors)
    {
        string? controller = null;
        foreach (var owner in owners)
        {
            var kind = GroupVersionKind.Parse(owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "");
            if (kind.Version.Length == 0 || kind.Version.Contains('/', StringComparison.Ordinal))
            {
                errors.Add(FieldErrors.Invalid($"{path}.apiVersion", owner.Text("apiVersion") ?? "", "version must not be empty"));
            }

            foreach (var field in (ReadOnlySpan<string>)["kind", "name", "uid"])
            {
                if (string.IsNullOrEmpty(owner.Text(field)))
                {
                    errors.Add(FieldErrors.Invalid($"{path}.{field}", "", "must not be empty"));
                }
            }

            if (kind is ("", "v1", "Event"))
            {
                errors.Add(FieldErrors.Invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
            }

            if (owner.Flag("controller") == true)
            {
                var current = $"{kind.Kind}/{owner.Text("name")}";
                if (controller is not null)
                {
                    errors.Add(new(FieldErrorReasons.Invalid, path,
                        $"Invalid value: {InOrder(owners)}: Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {current}"));
                }

                controller ??= current;
            }
        }
    }

    // Kubernetes shows the fields of an owner in their own order.
    private static string InOrder(IList<JsonNode?> owners)
    {
        var shown = new JsonArray();
        foreach (var owner in owners)
        {
            var fields = new JsonObject();
            foreach (var name in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"])
            {
                if (owner.At(name) is { } value)
                {
                    fields[name] = value.DeepClone();
                }
            }

            shown.Add((JsonNode)fields);
        }

        return Encoding.UTF8.GetString(Http.ObjectBytes.Of(shown));
    }

    private static void CheckFinalizers(IList<JsonNode?> finalizers, string path, ICollection<FieldError> errors)
    {
        foreach (var finalizer in finalizers)
        {
            Add(errors, path, finalizer.Text() ?? "", LabelSyntax.KeyFaults(finalizer.Text() ?? ""));
        }

        if (finalizers.Any(f => f.Text() == "orphan") && finalizers.Any(f => f.Text() == "foregroundDeletion"))
        {
            errors.Add(FieldErrors.Invalid(path, (JsonNode?)(finalizers as JsonArray), "finalizer orphan and foregroundDeletion cannot be both set"));
        }
    }

    /// <summary>Faults of the finalizers of a built-in kind: Kubernetes' own, or with a domain.</summary>
    public static void CheckBuiltInFinalizers(JsonNode? metadata, ICollection<FieldError> errors)
    {
        var finalizers = metadata.Items("finalizers");
        for (var i = 0; i < finalizers.Count; i++)
        {
            var name = finalizers[i].Text() ?? "";
            if (!name.Contains('/', StringComparison.Ordinal) && name is not ("kubernetes" or "orphan" or "foregroundDeletion"))
            {
                errors.Add(FieldErrors.Invalid($"metadata.finalizers[{i}]", name, "name is neither a standard finalizer name nor is it fully qualified"));
            }
        }
    }

    /// <summary>Adds one fault per complaint about a value.</summary>
    public static void Add(ICollection<FieldError> errors, string path, string value, IReadOnlyList<string> faults)
    {
        foreach (var fault in faults)
        {
            errors.Add(FieldErrors.Invalid(path, value, fault));
        }
    }
}
