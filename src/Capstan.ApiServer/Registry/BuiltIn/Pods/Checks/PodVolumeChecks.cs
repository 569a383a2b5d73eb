using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of the volumes of a pod.</summary>
internal static class PodVolumeChecks
{
    private static readonly string[] HostPathTypes = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

    // Kinds of volumes in the order in which they are looked at, with what is wrong with one.
    private static readonly (string Field, Action<Place, PodScope> Check)[] Sources =
    [
        ("hostPath", (v, _) => CheckHostPath(v)),
        ("gitRepo", (v, _) => { Need(v["repository"]); LocalPaths.CheckDescending(v["directory"]); }),
        ("gcePersistentDisk", (v, _) => CheckDisk(v.As(v.Path.Replace("gcePersistentDisk", "persistentDisk", StringComparison.Ordinal)), "pdName")),
        ("awsElasticBlockStore", (v, _) => CheckDisk(v, "volumeID")),
        ("secret", (v, _) => CheckKeys(v, "secretName")),
        ("nfs", (v, _) => CheckNfs(v)),
        ("iscsi", (v, _) => CheckIscsi(v)),
        ("glusterfs", (v, _) => Need(v["endpoints"], v["path"])),
        ("flocker", (v, _) => CheckFlocker(v)),
        ("persistentVolumeClaim", (v, _) => Need(v["claimName"])),
        ("rbd", (v, _) => { NeedItems(v["monitors"]); Need(v["image"]); }),
        ("cinder", (v, _) => Need(v["volumeID"])),
        ("cephfs", (v, _) => NeedItems(v["monitors"])),
        ("quobyte", (v, _) => CheckQuobyte(v)),
        ("downwardAPI", (v, _) => CheckDownward(v)),
        ("fc", (v, _) => CheckFibreChannel(v)),
        ("flexVolume", (v, _) => Need(v["driver"])),
        ("configMap", (v, _) => CheckKeys(v, "name")),
        ("azureFile", (v, _) => Need(v["secretName"], v["shareName"])),
        ("vsphereVolume", (v, _) => Need(v["volumePath"])),
        ("photonPersistentDisk", (v, _) => Need(v["pdID"])),
        ("portworxVolume", (v, _) => Need(v["volumeID"])),
        ("azureDisk", (v, _) => Need(v["diskName"], v["diskURI"])),
        ("storageos", (v, _) => Need(v["volumeName"])),
        ("projected", (v, _) => ProjectionChecks.Check(v)),
        ("scaleIO", (v, _) => Need(v["gateway"], v["system"], v["volumeName"])),
        ("csi", (v, _) => CheckCsi(v)),
        ("ephemeral", (v, _) => CheckEphemeral(v)),
        ("image", CheckImage),
    ];

    /// <summary>All volumes; those that are well formed are noted in the scope.</summary>
    public static void Check(PodScope scope)
    {
        var volumes = scope.Spec["volumes"];
        var claimed = scope.Name.Length == 0 ? [] : volumes.Items.Where(v => v["ephemeral"].Exists).Select(v => $"{scope.Name}-{v["name"].Text}").ToHashSet();
        foreach (var volume in volumes.Items)
        {
            var before = volume.Errors.Count;
            CheckSource(volume, scope);
            volume["name"].RequiredFollows(Naming.LabelFaults);
            if (scope.Volumes.ContainsKey(volume["name"].Text))
            {
                volume["name"].Duplicate();
            }

            if (volume.Errors.Count == before)
            {
                scope.Volumes[volume["name"].Text] = volume;
            }

            var claim = volume["persistentVolumeClaim"]["claimName"];
            if (claimed.Contains(claim.Text))
            {
                claim.Invalid("must not reference a PVC that gets created for an ephemeral volume");
            }
        }
    }

    /// <summary>Items of files that show fields of the pod. Their faults are told without an index.</summary>
    public static void CheckDownwardItem(Place item, Place volume)
    {
        var (path, field, resource) = (item["path"].As($"{volume.Path}.path"), item["fieldRef"], item["resourceFieldRef"]);
        if (!path.HasText)
        {
            path.Required();
        }

        LocalPaths.CheckFile(path);
        if (field.Exists)
        {
            FieldReferences.CheckField(field.As($"{volume.Path}.fieldRef"), FieldReferences.OfFiles);
            if (resource.Exists)
            {
                volume.Invalid("resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
        }
        else if (resource.Exists)
        {
            FieldReferences.CheckResource(resource.As($"{volume.Path}.resourceFieldRef"), inFile: true);
        }
        else
        {
            volume.Required("one of fieldRef and resourceFieldRef is required");
        }

        LocalPaths.CheckMode(item["mode"].As($"{volume.Path}.mode"));
    }

    private static void CheckSource(Place volume, PodScope scope)
    {
        var given = 0;
        if (volume["emptyDir"].Exists)
        {
            given++;
            if (ResourceLists.Of(volume["emptyDir"]["sizeLimit"].Value) is { Sign: < 0 })
            {
                volume["emptyDir"]["sizeLimit"].Forbidden("SizeLimit field must be a valid resource quantity");
            }
        }

        foreach (var (field, check) in Sources.Where(s => volume[s.Field].Exists))
        {
            if (given++ > 0)
            {
                // Misspelt in two places, and so on the wire.
                var shown = field switch { "downwardAPI" => "downwarAPI", "cephfs" => "cephFS", _ => field };
                volume[field].As($"{volume.Path}.{shown}").Forbidden("may not specify more than 1 volume type");
            }
            else
            {
                check(volume[field], scope);
            }

            if (field == "iscsi" && volume[field]["initiatorName"].Exists && $"{volume["name"].Text}:{volume[field]["targetPortal"].Text}".Length > 64)
            {
                volume["name"].Invalid(volume["name"].Text, "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.");
            }
        }

        if (volume["ephemeral"].Exists && given == 1 && scope.Name.Length > 0 && volume["name"].HasText)
        {
            var claim = $"{scope.Name}-{volume["name"].Text}";
            foreach (var fault in Naming.SubdomainFaults(claim))
            {
                volume["name"].Invalid($"PVC name {Schemas.GoFormat.Quote(claim)}: {fault}");
            }
        }

        if (given == 0)
        {
            volume.Required("must specify a volume type");
        }
    }

    private static void Need(params ReadOnlySpan<Place> places)
    {
        foreach (var place in places)
        {
            if (!place.HasText)
            {
                place.Required();
            }
        }
    }

    private static void NeedItems(Place list)
    {
        if (list.Count == 0)
        {
            list.Required();
        }
    }

    private static void CheckHostPath(Place volume)
    {
        if (!volume["path"].HasText)
        {
            volume["path"].Required();
            return;
        }

        LocalPaths.CheckNoBacksteps(volume["path"]);
        volume["type"].NoneOrOneOf(HostPathTypes);
    }

    private static void CheckDisk(Place volume, string id)
    {
        Need(volume[id]);
        if (volume["partition"].Number is < 0 or > 255)
        {
            volume["partition"].Invalid("must be between 1 and 255, inclusive");
        }
    }

    private static void CheckKeys(Place volume, string name)
    {
        Need(volume[name]);
        LocalPaths.CheckMode(volume["defaultMode"]);
        LocalPaths.CheckKeys(volume["items"]);
    }

    private static void CheckNfs(Place volume)
    {
        Need(volume["server"], volume["path"]);
        if (!volume["path"].Text.StartsWith('/'))
        {
            volume["path"].Invalid(volume["path"].Text, "must be an absolute path");
        }
    }

    private static void CheckIscsi(Place volume)
    {
        Need(volume["targetPortal"], volume["iqn"]);
        if (volume["iqn"].HasText && !IsQualified(volume["iqn"].Text))
        {
            volume["iqn"].Invalid("must be valid format starting with iqn, eui, or naa");
        }

        if (volume["lun"].Number is < 0 or > 255)
        {
            volume["lun"].Invalid("must be between 0 and 255, inclusive");
        }

        if ((volume["chapAuthDiscovery"].Flag || volume["chapAuthSession"].Flag) && !volume["secretRef"].Exists)
        {
            volume["secretRef"].Required();
        }

        if (volume["initiatorName"].Exists && !IsQualified(volume["initiatorName"].Text))
        {
            volume["initiatorName"].As($"{volume.Path}.initiatorname").Invalid("must be valid format starting with iqn, eui, or naa");
        }
    }

    private static bool IsQualified(string name) => name.Length > 3 && name[..3] is "iqn" or "eui" or "naa";

    private static void CheckFlocker(Place volume)
    {
        var (name, id) = (volume["datasetName"], volume["datasetUUID"]);
        if (!name.HasText && !id.HasText)
        {
            volume.Required("one of datasetName and datasetUUID is required");
        }

        if (name.HasText && id.HasText)
        {
            volume.Invalid("resource", "datasetName and datasetUUID can not be specified simultaneously");
        }

        if (name.Text.Contains('/', StringComparison.Ordinal))
        {
            name.Invalid("must not contain '/'");
        }
    }

    private static void CheckQuobyte(Place volume)
    {
        const string pairs = "must be a host:port pair or multiple pairs separated by commas";
        if (!volume["registry"].HasText)
        {
            volume["registry"].Required(pairs);
        }
        else if (volume["registry"].Text.Split(',').Any(pair => !pair.Contains(':', StringComparison.Ordinal)))
        {
            volume["registry"].Invalid(pairs);
        }

        Need(volume["volume"]);
    }

    private static void CheckDownward(Place volume)
    {
        LocalPaths.CheckMode(volume["defaultMode"]);
        foreach (var item in volume["items"].Items)
        {
            CheckDownwardItem(item, volume);
        }
    }

    private static void CheckFibreChannel(Place volume)
    {
        var (names, ids, lun) = (volume["targetWWNs"], volume["wwids"], volume["lun"]);
        if (names.Count == 0 && ids.Count == 0)
        {
            names.Required("must specify either targetWWNs or wwids, but not both");
        }

        if (names.Count > 0 && ids.Count > 0)
        {
            names.Invalid("targetWWNs and wwids can not be specified simultaneously");
        }

        if (names.Count > 0 && !lun.Exists)
        {
            lun.Required("lun is required if targetWWNs is specified");
        }
        else if (names.Count > 0 && lun.Number is < 0 or > 255)
        {
            lun.Invalid("must be between 0 and 255, inclusive");
        }
    }

    private static void CheckCsi(Place volume)
    {
        CsiChecks.CheckDriverName(volume["driver"]);
        var secret = volume["nodePublishSecretRef"];
        if (secret.Exists && !secret["name"].HasText)
        {
            secret["name"].Required();
        }
        else if (secret.Exists)
        {
            secret["name"].As($"{volume.Path}.name").Follows(Naming.SubdomainFaults);
        }
    }

    private static void CheckEphemeral(Place volume)
    {
        var template = volume["volumeClaimTemplate"];
        if (!template.Exists)
        {
            template.Required();
            return;
        }

        MetadataRules.CheckAnnotations(template["metadata"]["annotations"].Value as System.Text.Json.Nodes.JsonObject, $"{template.Path}.metadata.annotations", volume.Errors);
        template["metadata"]["labels"].Labels();
        foreach (var field in (string[])["name", "generateName", "namespace", "finalizers", "ownerReferences"])
        {
            var place = template["metadata"][field];
            if (place.HasText || place.Count > 0)
            {
                place.Forbidden("cannot be set");
            }
        }

        ClaimChecks.CheckSpec(template["spec"]);
    }

    private static void CheckImage(Place volume, PodScope scope)
    {
        if (scope.IsPod && !volume["reference"].HasText)
        {
            volume["reference"].Required();
        }

        volume["pullPolicy"].RequiredOneOf("Always", "IfNotPresent", "Never");
    }
}
