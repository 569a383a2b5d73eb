using System.Text.Json.Nodes;
using Capstan.ApiServer.Registry.BuiltIn;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>Rules of CustomResourceDefinition itself.</summary>
internal sealed class DefinitionRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <summary>Holds a deleted definition until its objects are gone.</summary>
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    private const string Approval = "api-approved.kubernetes.io";

    /// <inheritdoc/>
    public override bool EndsByPhases => true;

    /// <inheritdoc/>
    public override void PrepareForCreate(JsonObject obj)
    {
        obj["status"] = new JsonObject { ["conditions"] = null, ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" }, ["storedVersions"] = null };
        AddStoredVersion(obj);
    }

    /// <inheritdoc/>
    public override void PrepareForUpdate(JsonObject obj, JsonObject old, string subresource)
    {
        base.PrepareForUpdate(obj, old, subresource);
        if (subresource.Length == 0 || obj.Items("status", "storedVersions").Count == 0)
        {
            AddStoredVersion(obj);
        }
    }

    /// <inheritdoc/>
    public override void Warn(JsonObject obj, JsonObject? old, string subresource, ICollection<string> warnings)
    {
        var known = UncheckedFormats(old).ToHashSet(StringComparer.Ordinal);
        foreach (var format in UncheckedFormats(obj).Where(f => !known.Contains(f)))
        {
            warnings.Add($"unrecognized format {GoFormat.Quote(format)}");
        }
    }

    private static IEnumerable<string> UncheckedFormats(JsonObject? definition) =>
        definition.Items("spec", "versions").Select(v => v.Map("schema", "openAPIV3Schema")).OfType<JsonObject>().SelectMany(StructuralRules.UncheckedFormats);

    /// <inheritdoc/>
    public override bool PrepareForDelete(JsonObject obj, DateTimeOffset now)
    {
        if (obj.GetOrAddMap("metadata") is not { } metadata || metadata["deletionTimestamp"] is not null)
        {
            return false;
        }

        if (metadata["finalizers"] is not JsonArray finalizers)
        {
            metadata["finalizers"] = finalizers = [];
        }

        if (!finalizers.Any(f => f.Text() == CleanupFinalizer))
        {
            finalizers.Add((JsonNode)CleanupFinalizer);
        }

        DefinitionStatus.SetCondition(obj, new("Terminating", "True", "InstanceDeletionPending",
            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"), now);
        return false;
    }

    /// <inheritdoc/>
    protected override void DefaultKind(JsonObject obj)
    {
        if (obj.Map("spec") is not { } spec)
        {
            return;
        }

        if (spec.GetOrAddMap("names") is { } names && names.Text("kind") is { Length: > 0 } kind)
        {
            DefaultText(names, "singular", kind.ToLowerInvariant());
            DefaultText(names, "listKind", kind + "List");
        }

        spec.SetDefault("conversion", new JsonObject { ["strategy"] = "None" });
        if (spec.Map("conversion", "webhook", "clientConfig", "service") is { } service)
        {
            service.SetDefault("port", 443);
        }

        // The one default that is written is left out again.
        if (spec.Flag("preserveUnknownFields") == false)
        {
            spec.Remove("preserveUnknownFields");
        }
    }

    /// <inheritdoc/>
    protected override NameRule NameRule => Naming.DnsSubdomain;

    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var name = obj.Text("metadata", "name") ?? "";
        if (name.Length > 0 && Naming.SubdomainFaults(name).Count == 0 && name != $"{obj.Text("spec", "names", "plural")}.{obj.Text("spec", "group")}")
        {
            errors.Add(FieldErrors.Invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
        }

        ValidateContent(obj, errors);
        CheckApproval(obj, errors);
        if (obj.Flag("spec", "preserveUnknownFields") == true)
        {
            errors.Add(FieldErrors.Invalid("spec.preserveUnknownFields", true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"));
        }
    }

    /// <inheritdoc/>
    protected override void ValidateSubresource(JsonObject obj, JsonObject old, string subresource, ICollection<FieldError> errors) =>
        DefinitionValidation.CheckNameForms(obj.At("status", "acceptedNames"), "status.acceptedNames", errors);

    /// <inheritdoc/>
    protected override void ValidateKindUpdate(JsonObject obj, JsonObject old, ICollection<FieldError> errors)
    {
        if (JsonNode.DeepEquals(obj["spec"], old["spec"]))
        {
            DefinitionValidation.CheckNameForms(obj.At("status", "acceptedNames"), "status.acceptedNames", errors);
            CheckStoredVersions(obj, errors);
            return;
        }

        DefinitionValidation.Check(obj, errors);
        if (DefinitionStatus.IsTrue(old, "Established"))
        {
            CheckUnchanged(obj, old, errors, "spec", "scope");
            CheckUnchanged(obj, old, errors, "spec", "names", "kind");
        }

        CheckUnchanged(obj, old, errors, "spec", "group");
        CheckUnchanged(obj, old, errors, "spec", "names", "plural");
        DefinitionValidation.CheckNameForms(obj.At("status", "acceptedNames"), "status.acceptedNames", errors);
        CheckStoredVersions(obj, errors);
        if (obj.Text("metadata", "annotations", Approval) != old.Text("metadata", "annotations", Approval))
        {
            CheckApproval(obj, errors);
        }

        if (obj.Flag("spec", "preserveUnknownFields") == true)
        {
            errors.Add(FieldErrors.Invalid("spec.preserveUnknownFields", true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"));
        }
    }

    private static void ValidateContent(JsonObject obj, ICollection<FieldError> errors)
    {
        DefinitionValidation.Check(obj, errors);
        DefinitionValidation.CheckNameForms(obj.At("status", "acceptedNames"), "status.acceptedNames", errors);
        CheckStoredVersions(obj, errors);
    }

    /// <summary>Versions that objects may still be stored in must stay.</summary>
    private static void CheckStoredVersions(JsonObject obj, ICollection<FieldError> errors)
    {
        const string path = "status.storedVersions";
        var stored = obj.Items("status", "storedVersions");
        if (stored.Count == 0)
        {
            errors.Add(FieldErrors.Invalid(path, (JsonNode?)null, "must have at least one stored version"));
            return;
        }

        var versions = obj.Items("spec", "versions");
        foreach (var version in versions.Where(v => v.Flag("storage") == true && !stored.Any(s => s.Text() == v.Text("name"))))
        {
            errors.Add(FieldErrors.Invalid(path, stored as JsonArray, "must have the storage version " + version.Text("name")));
        }

        for (var i = 0; i < stored.Count; i++)
        {
            var name = stored[i].Text() ?? "";
            if (!versions.Any(v => v.Text("name") == name))
            {
                errors.Add(FieldErrors.Invalid($"{path}[{i}]", name, $"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions"
                    + $" until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions"));
            }
        }
    }

    private static void CheckApproval(JsonObject obj, ICollection<FieldError> errors)
    {
        var group = obj.Text("spec", "group") ?? "";
        var isProtected = group is "k8s.io" or "kubernetes.io" || group.EndsWith(".k8s.io", StringComparison.Ordinal) || group.EndsWith(".kubernetes.io", StringComparison.Ordinal);
        if (!isProtected)
        {
            return;
        }

        const string path = $"metadata.annotations[{Approval}]";
        var approval = obj.Text("metadata", "annotations", Approval);
        if (string.IsNullOrEmpty(approval))
        {
            errors.Add(FieldErrors.Required(path, $"protected groups must have approval annotation \"{Approval}\", see https://github.com/kubernetes/enhancements/pull/1111"));
        }
        else if (!approval.StartsWith("unapproved", StringComparison.Ordinal) && !(Uri.TryCreate(approval, UriKind.Absolute, out var url) && url.Host.Length > 0))
        {
            errors.Add(FieldErrors.Invalid(path, approval, $"protected groups must have approval annotation \"{Approval}\" with either a URL or a reason starting with \"unapproved\","
                + " see https://github.com/kubernetes/enhancements/pull/1111"));
        }
    }

    private static void CheckUnchanged(JsonObject obj, JsonObject old, ICollection<FieldError> errors, params string[] path)
    {
        if (!JsonNode.DeepEquals(obj.At(path), old.At(path)))
        {
            errors.Add(FieldErrors.Invalid(string.Join('.', path), obj.At(path), "field is immutable"));
        }
    }

    private static void AddStoredVersion(JsonObject obj)
    {
        var storage = obj.Items("spec", "versions").FirstOrDefault(v => v.Flag("storage") == true).Text("name");
        if (storage is null || obj.Map("status") is not { } status)
        {
            return;
        }

        if (status["storedVersions"] is not JsonArray stored)
        {
            status["storedVersions"] = stored = [];
        }

        if (!stored.Any(s => s.Text() == storage))
        {
            stored.Add((JsonNode)storage);
        }
    }

    private static void DefaultText(JsonObject obj, string field, string value)
    {
        if (string.IsNullOrEmpty(obj.Text(field)))
        {
            obj[field] = value;
        }
    }
}
