using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of PersistentVolume.</summary>
internal static class VolumeChecks
{
    private static readonly string[] AccessModes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
    private static readonly string[] HostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    // Kinds of storage in the order in which they are looked at, with what is wrong with one; those of old are not judged.
    private static readonly (string Field, Action<Place>? Check)[] Sources =
    [
        ("hostPath", CheckHostPath), ("gcePersistentDisk", null), ("awsElasticBlockStore", null), ("glusterfs", null), ("flocker", null), ("nfs", CheckNfs), ("rbd", null),
        ("quobyte", null), ("cephfs", null), ("iscsi", null), ("cinder", null), ("fc", null), ("flexVolume", null), ("azureFile", null), ("vsphereVolume", null),
        ("photonPersistentDisk", null), ("portworxVolume", null), ("azureDisk", null), ("scaleIO", null), ("local", CheckLocal), ("storageos", null), ("csi", CheckCsi),
    ];

    // Kinds of storage that are on their way out, and what is told of them.
    private static readonly (string Field, string Message)[] Deprecated =
    [
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"), ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"), ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"), ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

    /// <summary>PersistentVolume.</summary>
    public static readonly KindCheck Volume = new(volume => CheckSpec(volume["spec"], isInline: false))
    {
        Update = CheckUpdate,
        Warn = Warn,
    };

    /// <summary>Faults of a spec: of a volume, or inline in an attachment.</summary>
    public static void CheckSpec(Place spec, bool isInline)
    {
        const string inline = "may not be specified in the context of inline volumes";
        void ForbidInline(Place place)
        {
            if (place.Exists)
            {
                place.Forbidden(inline);
            }
        }

        if (isInline)
        {
            ForbidInline(spec["claimRef"]);
            ForbidInline(spec["capacity"]);
            if (!spec["csi"].Exists)
            {
                spec["csi"].Required("has to be specified in the context of inline volumes");
            }
        }

        if (spec["accessModes"].Count == 0)
        {
            spec["accessModes"].Required();
        }

        CheckAccessModes(spec["accessModes"]);
        if (!isInline)
        {
            CheckCapacity(spec["capacity"]);
            spec["persistentVolumeReclaimPolicy"].NoneOrOneOf("Delete", "Recycle", "Retain");
            if (spec["nodeAffinity"].Exists)
            {
                CheckAffinity(spec["nodeAffinity"]["required"]);
            }
        }
        else
        {
            if (spec["persistentVolumeReclaimPolicy"].Text is not ("" or "Retain"))
            {
                spec["persistentVolumeReclaimPolicy"].Forbidden("may only be Retain in the context of inline volumes");
            }

            ForbidInline(spec["nodeAffinity"]);
        }

        CheckSources(spec);
        if (spec["hostPath"].Exists && spec["hostPath"]["path"].Text.TrimEnd('/').Length == 0 && spec["persistentVolumeReclaimPolicy"].Text == "Recycle")
        {
            spec["persistentVolumeReclaimPolicy"].Forbidden("may not be 'recycle' for a hostPath mount of '/'");
        }

        if (isInline)
        {
            ForbidInline(spec["storageClassName"]);
            return;
        }

        spec["storageClassName"].NoneOrFollows(Naming.SubdomainFaults);
        spec["volumeMode"].NoneOrOneOf("Block", "Filesystem");
        if (spec["volumeAttributesClassName"] is { Exists: true } attributes)
        {
            if (!attributes.HasText)
            {
                attributes.Required("an empty string is disallowed");
            }
            else
            {
                attributes.Follows(Naming.SubdomainFaults);
            }

            if (!spec["csi"].Exists)
            {
                spec["csi"].Required("has to be specified when using volumeAttributesClassName");
            }
        }
    }

    /// <summary>Faults of the ways in which a volume or claim is used.</summary>
    public static void CheckAccessModes(Place modes)
    {
        foreach (var mode in modes.Items.Where(m => !AccessModes.Contains(m.Text)))
        {
            mode.As(modes.Path).NotSupported(AccessModes);
        }

        if (modes.Items.Any(m => m.Text == "ReadWriteOncePod") && modes.Items.Any(m => m.Text != "ReadWriteOncePod" && AccessModes.Contains(m.Text)))
        {
            modes.Forbidden("may not use ReadWriteOncePod with other access modes");
        }
    }

    private static IEnumerable<string> Warn(Place volume)
    {
        foreach (var (key, message) in ((string, string)[])
            [("volume.beta.kubernetes.io/storage-class", "deprecated since v1.8; use \"storageClassName\" attribute instead"), ("volume.beta.kubernetes.io/mount-options", "deprecated since v1.31; use \"mountOptions\" attribute instead")])
        {
            if (volume["metadata"]["annotations"][key].Exists)
            {
                yield return $"metadata.annotations[{key}]: {message}";
            }
        }

        if (volume["spec"]["persistentVolumeReclaimPolicy"].Text == "Recycle")
        {
            yield return "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
        }

        foreach (var key in volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"].Items.SelectMany(t => t["matchExpressions"].Items).Select(e => e["key"]))
        {
            if (DeprecatedNodeLabels.Of(key.Text) is { } message)
            {
                yield return $"{key.Path}: {key.Text} is {message}";
            }
        }

        foreach (var (field, message) in Deprecated.Where(d => volume["spec"][d.Field].Exists))
        {
            // The one whose field in Go is not that of JSON.
            yield return $"spec.{(field == "storageos" ? "storageOS" : field)}: {message}";
        }
    }

    private static void CheckUpdate(Place volume, JsonObject old)
    {
        // Twice, as Kubernetes does.
        CheckSpec(volume["spec"], isInline: false);
        CheckSpec(volume["spec"], isInline: false);
        if (!JsonNode.DeepEquals(SourceOf(volume.Value), SourceOf(old)))
        {
            var difference = volume["spec"].Schema is { } schema ? InternalForm.Difference(SourceOf(old), SourceOf(volume.Value), OnlySources(schema)) : "";
            volume.As("spec.persistentvolumesource").Forbidden($"spec.persistentvolumesource is immutable after creation\n{difference}");
        }

        // The labels of its nodes may be told by their newer names.
        var affinity = volume["spec"]["nodeAffinity"];
        if (old.At("spec", "nodeAffinity") is { } before && !JsonNode.DeepEquals(DeprecatedNodeLabels.Renewed(affinity.Value), DeprecatedNodeLabels.Renewed(before)))
        {
            affinity.As("nodeAffinity").Invalid("field is immutable, except for updating from beta label to GA");
        }

        volume["spec"]["volumeMode"].As("volumeMode").Unchanged(old.At("spec", "volumeMode"));
        if (old.At("spec", "volumeAttributesClassName") is not null && !volume["spec"]["volumeAttributesClassName"].Exists)
        {
            volume["spec"]["volumeAttributesClassName"].Forbidden("update from non-nil value to nil is forbidden");
        }
    }

    // The part of a spec that is a structure of its own in Go.
    private static Schema OnlySources(Schema spec)
    {
        var sources = spec.Copy();
        sources.TypeName = "io.k8s.api.core.v1.PersistentVolumeSource";
        return sources;
    }

    // The secret with which a volume is made larger may be named later.
    private static JsonObject SourceOf(JsonNode? volume)
    {
        var source = new JsonObject(Sources.Where(s => volume.At("spec", s.Field) is not null).Select(s => KeyValuePair.Create(s.Field, volume.At("spec", s.Field)!.DeepClone()))!);
        source.Map("csi")?.Remove("controllerExpandSecretRef");
        return source;
    }

    private static void CheckCapacity(Place capacity)
    {
        if (capacity.Count == 0)
        {
            capacity.Required();
        }

        if (!capacity["storage"].Exists || capacity.Count > 1)
        {
            capacity.NotSupported("storage");
        }

        foreach (var (_, amount) in capacity.Entries)
        {
            Amounts.Sound(amount);
            Amounts.Positive(amount);
        }
    }

    private static void CheckAffinity(Place required)
    {
        if (!required.Exists)
        {
            required.Required("must specify required node constraints");
            return;
        }

        var terms = required["nodeSelectorTerms"];
        if (terms.Count == 0)
        {
            terms.Required("must have at least one node selector term");
        }

        foreach (var expression in terms.Items.SelectMany(t => t["matchExpressions"].Items))
        {
            NodeRequirement.Check(expression, withValues: true);
        }
    }

    private static void CheckSources(Place spec)
    {
        var any = false;
        foreach (var (field, check) in Sources.Where(s => spec[s.Field].Exists))
        {
            if (any)
            {
                spec[field].Forbidden("may not specify more than 1 volume type");
            }
            else
            {
                check?.Invoke(spec[field]);
                any = true;
            }
        }

        if (spec["local"].Exists && !spec["nodeAffinity"].Exists)
        {
            spec["nodeAffinity"].Required("Local volume requires node affinity");
        }

        if (!any)
        {
            spec.Required("must specify a volume type");
        }
    }

    private static void CheckHostPath(Place source)
    {
        if (!source["path"].HasText)
        {
            source["path"].Required();
            return;
        }

        CheckNoBacksteps(source["path"]);
        source["type"].NoneOrOneOf(HostPathTypes);
    }

    private static void CheckLocal(Place source)
    {
        if (!source["path"].HasText)
        {
            source["path"].Required();
            return;
        }

        CheckNoBacksteps(source["path"]);
    }

    private static void CheckNoBacksteps(Place path)
    {
        if (path.Text.Split('/').Contains(".."))
        {
            path.Invalid("must not contain '..'");
        }
    }

    private static void CheckNfs(Place source)
    {
        foreach (var field in (ReadOnlySpan<string>)["server", "path"])
        {
            if (!source[field].HasText)
            {
                source[field].Required();
            }
        }

        if (!source["path"].Text.StartsWith('/'))
        {
            source["path"].Invalid(source["path"].Text, "must be an absolute path");
        }
    }

    private static void CheckCsi(Place source)
    {
        CsiChecks.CheckDriverName(source["driver"]);
        if (!source["volumeHandle"].HasText)
        {
            source["volumeHandle"].Required();
        }

        foreach (var field in (ReadOnlySpan<string>)["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"])
        {
            if (source[field].Exists)
            {
                source[field]["name"].RequiredFollows(Naming.SubdomainFaults);
                source[field]["namespace"].RequiredFollows(Naming.LabelFaults);
            }
        }
    }
}
