using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Faults of the spec of a CustomResourceDefinition, in the order and the words of Kubernetes.</summary>
/// <remarks>What all versions have in common Kubernetes moves to the top of the spec before it validates, and names its faults there
/// (<c>spec.validation</c>, <c>spec.subresources</c>, ...): see <see cref="IsCommon"/>.</remarks>
internal static class DefinitionValidation
{
    /// <summary>Adds the faults of the spec.</summary>
    public static void Check(JsonObject definition, ICollection<FieldError> errors)
    {
        var spec = definition.Map("spec") ?? [];
        var versions = spec.Items("versions");
        CheckGroup(spec.Text("group") ?? "", errors);
        CheckScope(spec.Text("scope") ?? "", errors);
        CheckSchemasGiven(versions, errors);
        for (var i = 0; i < versions.Count; i++)
        {
            CheckVersion(versions, i, errors);
        }

        CheckVersionList(versions, errors);
        CheckNames(spec, errors);
        if (versions.Count > 0)
        {
            CheckCommonParts(versions, errors);
        }

        ConversionValidation.Check(spec.Map("conversion"), errors);
    }

    /// <summary>Faults of names, which stand in the spec and, once accepted, in the status.</summary>
    public static void CheckNameForms(JsonNode? names, string path, ICollection<FieldError> errors)
    {
        CheckName(names.Text("plural"), $"{path}.plural", errors);
        CheckName(names.Text("singular"), $"{path}.singular", errors);
        CheckKind(names.Text("kind"), $"{path}.kind", errors);
        CheckKind(names.Text("listKind"), $"{path}.listKind", errors);
        CheckAllNames(names.Items("shortNames"), $"{path}.shortNames", errors);
        if (names.Text("kind") is { Length: > 0 } kind && kind == names.Text("listKind"))
        {
            errors.Add(FieldErrors.Invalid($"{path}.listKind", kind, "kind and listKind may not be the same"));
        }

        CheckAllNames(names.Items("categories"), $"{path}.categories", errors);
    }

    private static void CheckGroup(string group, ICollection<FieldError> errors)
    {
        if (group.Length == 0)
        {
            errors.Add(FieldErrors.Required("spec.group"));
        }
        else if (Naming.SubdomainFaults(group) is { Count: > 0 } faults)
        {
            errors.Add(FieldErrors.Invalid("spec.group", group, string.Join(",", faults)));
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Add(FieldErrors.Invalid("spec.group", group, "should be a domain with at least one dot"));
        }
    }

    private static void CheckScope(string scope, ICollection<FieldError> errors)
    {
        if (scope.Length == 0)
        {
            errors.Add(FieldErrors.Required("spec.scope"));
        }
        else if (scope is not ("Cluster" or "Namespaced"))
        {
            errors.Add(FieldErrors.NotSupported("spec.scope", scope, ["Cluster", "Namespaced"]));
        }
    }

    private static void CheckSchemasGiven(IList<JsonNode?> versions, ICollection<FieldError> errors)
    {
        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].Map("schema", "openAPIV3Schema") is null)
            {
                errors.Add(FieldErrors.Required($"spec.versions[{i}].schema.openAPIV3Schema"));
            }
        }
    }

    private static void CheckVersion(IList<JsonNode?> versions, int i, ICollection<FieldError> errors)
    {
        var path = $"spec.versions[{i}]";
        var version = versions[i];
        var name = version.Text("name") ?? "";
        if (Naming.Label1035Faults(name) is { Count: > 0 } faults)
        {
            errors.Add(FieldErrors.Invalid($"{path}.name", name, string.Join(",", faults)));
        }

        CheckDeprecation(version, $"{path}.deprecationWarning", errors);
        if (!IsCommon(versions, "schema"))
        {
            DefinitionSchemaValidation.Check(version.Map("schema", "openAPIV3Schema"), HasStatus(version), $"{path}.schema", errors);
        }

        if (!IsCommon(versions, "subresources"))
        {
            CheckSubresources(version.Map("subresources"), $"{path}.subresources", errors);
        }

        if (!IsCommon(versions, "additionalPrinterColumns"))
        {
            CheckColumns(version.Items("additionalPrinterColumns"), $"{path}.additionalPrinterColumns", errors);
        }

        if (!IsCommon(versions, "selectableFields"))
        {
            DefinitionSchemaValidation.CheckSelectableFields(version, $"{path}.selectableFields", errors);
        }
    }

    private static void CheckCommonParts(IList<JsonNode?> versions, ICollection<FieldError> errors)
    {
        var first = versions[0];
        if (IsCommon(versions, "schema"))
        {
            DefinitionSchemaValidation.Check(first.Map("schema", "openAPIV3Schema"), versions.Any(HasStatus), "spec.validation", errors);
        }

        if (IsCommon(versions, "subresources"))
        {
            CheckSubresources(first.Map("subresources"), "spec.subresources", errors);
        }

        if (IsCommon(versions, "additionalPrinterColumns"))
        {
            CheckColumns(first.Items("additionalPrinterColumns"), "spec.additionalPrinterColumns", errors);
        }

        if (IsCommon(versions, "selectableFields"))
        {
            DefinitionSchemaValidation.CheckSelectableFields(first, "spec.selectableFields", errors);
        }
    }

    private static void CheckDeprecation(JsonNode? version, string path, ICollection<FieldError> errors)
    {
        if (version.Text("deprecationWarning") is not { } warning)
        {
            return;
        }

        if (version.Flag("deprecated") != true)
        {
            errors.Add(FieldErrors.Invalid(path, warning, "can only be set for deprecated versions"));
            return;
        }

        if (warning.Length > 256)
        {
            errors.Add(FieldErrors.Invalid(path, warning, "must be <= 256 characters long"));
        }

        if (warning.Length == 0)
        {
            errors.Add(FieldErrors.Invalid(path, warning, "must not be an empty string"));
        }

        var unprintable = warning.AsSpan().IndexOfAnyInRange('\0', '\u001f');
        if (unprintable >= 0)
        {
            errors.Add(FieldErrors.Invalid(path, warning, $"must only contain printable UTF-8 characters; non-printable character found at index {unprintable}"));
        }
    }

    private static void CheckVersionList(IList<JsonNode?> versions, ICollection<FieldError> errors)
    {
        if (versions.Select(v => v.Text("name")).Distinct().Count() < versions.Count)
        {
            errors.Add(new(FieldErrorReasons.Invalid, "spec.versions", $"Invalid value: {Shown(versions)}: must contain unique version names"));
        }

        if (versions.Count(v => v.Flag("storage") == true) != 1)
        {
            errors.Add(new(FieldErrorReasons.Invalid, "spec.versions", $"Invalid value: {Shown(versions)}: must have exactly one version marked as storage version"));
        }

        // The first version's name also stands in a field of its own inside of Kubernetes.
        var first = versions.Count > 0 ? versions[0].Text("name") ?? "" : "";
        if (first.Length > 0 && Naming.Label1035Faults(first) is { Count: > 0 } faults)
        {
            errors.Add(FieldErrors.Invalid("spec.version", first, string.Join(",", faults)));
        }
    }

    private static void CheckNames(JsonObject spec, ICollection<FieldError> errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["plural", "singular", "kind", "listKind"])
        {
            if (string.IsNullOrEmpty(spec.Text("names", field)))
            {
                errors.Add(FieldErrors.Required($"spec.names.{field}"));
            }
        }

        CheckNameForms(spec.At("names"), "spec.names", errors);
    }

    private static void CheckSubresources(JsonObject? subresources, string path, ICollection<FieldError> errors)
    {
        if (subresources.Map("scale") is not { } scale)
        {
            return;
        }

        CheckScalePath(scale.Text("specReplicasPath"), $"{path}.scale.specReplicasPath", [".spec."], "under .spec", errors);
        CheckScalePath(scale.Text("statusReplicasPath"), $"{path}.scale.statusReplicasPath", [".status."], "under .status", errors);
        if (scale.Text("labelSelectorPath") is { Length: > 0 } selector)
        {
            CheckScalePath(selector, $"{path}.scale.labelSelectorPath", [".spec.", ".status."], "under either .spec or .status", errors);
        }
    }

    private static void CheckScalePath(string? jsonPath, string path, string[] prefixes, string place, ICollection<FieldError> errors)
    {
        if (string.IsNullOrEmpty(jsonPath))
        {
            errors.Add(FieldErrors.Required(path));
        }
        else if (jsonPath[0] != '.')
        {
            errors.Add(FieldErrors.Invalid(path, jsonPath, "must be a simple json path starting with ."));
        }
        else if (!prefixes.Any(p => jsonPath.StartsWith(p, StringComparison.Ordinal)))
        {
            errors.Add(FieldErrors.Invalid(path, jsonPath, $"should be a json path {place}"));
        }
    }

    private static void CheckColumns(IList<JsonNode?> columns, string path, ICollection<FieldError> errors)
    {
        const string types = "must be one of boolean,date,integer,number,string";
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            if (string.IsNullOrEmpty(column.Text("name")))
            {
                errors.Add(FieldErrors.Required($"{path}[{i}].name"));
            }

            var type = column.Text("type") ?? "";
            if (type.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}[{i}].type", types));
            }
            else if (type is not ("boolean" or "date" or "integer" or "number" or "string"))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].type", type, types));
            }

            if (column.Text("format") is { Length: > 0 } format
                && format is not ("byte" or "date" or "date-time" or "double" or "float" or "int32" or "int64" or "password"))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].format", format, "must be one of byte,date,date-time,double,float,int32,int64,password"));
            }

            var jsonPath = column.Text("jsonPath") ?? "";
            if (jsonPath.Length == 0)
            {
                errors.Add(FieldErrors.Required($"{path}[{i}].JSONPath"));
            }
            else if (jsonPath[0] != '.')
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}].JSONPath", jsonPath, "must be a simple json path starting with ."));
            }
        }
    }

    private static void CheckName(string? name, string path, ICollection<FieldError> errors)
    {
        if (!string.IsNullOrEmpty(name) && Naming.Label1035Faults(name) is { Count: > 0 } faults)
        {
            errors.Add(FieldErrors.Invalid(path, name, string.Join(",", faults)));
        }
    }

    private static void CheckKind(string? kind, string path, ICollection<FieldError> errors)
    {
        if (!string.IsNullOrEmpty(kind) && Naming.Label1035Faults(kind.ToLowerInvariant()) is { Count: > 0 } faults)
        {
            errors.Add(FieldErrors.Invalid(path, kind, "may have mixed case, but should otherwise match: " + string.Join(",", faults)));
        }
    }

    private static void CheckAllNames(IList<JsonNode?> names, string path, ICollection<FieldError> errors)
    {
        for (var i = 0; i < names.Count; i++)
        {
            var name = names[i].Text() ?? "";
            if (Naming.Label1035Faults(name) is { Count: > 0 } faults)
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}]", name, string.Join(",", faults)));
            }
        }
    }

    private static bool HasStatus(JsonNode? version) => version.Map("subresources", "status") is not null;

    /// <summary>Whether a part is the same in all versions.</summary>
    private static bool IsCommon(IList<JsonNode?> versions, string part) => versions.All(v => JsonNode.DeepEquals(v.At(part), versions[0].At(part)));

    /// <summary>The list of versions as messages show it: with the fields of Kubernetes' inner form, where what is common has been moved away.</summary>
    private static string Shown(IList<JsonNode?> versions)
    {
        string Part(JsonNode? version, string part) => IsCommon(versions, part) ? "null" : GoFormat.Value(version.At(part));
        return "[" + string.Join(",", versions.Select(v =>
            $"{{\"Name\":{GoFormat.Quote(v.Text("name") ?? "")},\"Served\":{Word(v, "served")},\"Storage\":{Word(v, "storage")},\"Deprecated\":{Word(v, "deprecated")}"
            + $",\"DeprecationWarning\":{(v.Text("deprecationWarning") is { } w ? GoFormat.Quote(w) : "null")},\"Schema\":{Part(v, "schema")},\"Subresources\":{Part(v, "subresources")}"
            + $",\"AdditionalPrinterColumns\":{Part(v, "additionalPrinterColumns")},\"SelectableFields\":{Part(v, "selectableFields")}}}")) + "]";
    }

    private static string Word(JsonNode? version, string flag) => version.Flag(flag) == true ? "true" : "false";
}
