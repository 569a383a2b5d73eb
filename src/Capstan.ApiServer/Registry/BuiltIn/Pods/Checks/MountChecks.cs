using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of the places where a container finds volumes, as directories and as devices.</summary>
internal static class MountChecks
{
    private static readonly string[] Propagations = ["Bidirectional", "HostToContainer", "None"];
    private static readonly string[] ReadOnlyKinds = ["Disabled", "Enabled", "IfPossible"];

    /// <summary>Directories.</summary>
    public static void CheckMounts(Place container, PodScope scope)
    {
        var mounts = container["volumeMounts"];
        var (names, paths) = (container["volumeDevices"].Items.Select(d => d["name"].Text).ToHashSet(), Last(container["volumeDevices"], "devicePath"));
        HashSet<string> places = [];
        foreach (var mount in mounts.Items)
        {
            var (name, path) = (mount["name"], mount["mountPath"]);
            if (!name.HasText)
            {
                name.Required();
            }

            if (!scope.Volumes.ContainsKey(name.Text) && !scope.MoreVolumes.Contains(name.Text))
            {
                NotFound(name);
            }

            if (!path.HasText)
            {
                path.Required();
            }

            if (!places.Add(path.Text))
            {
                path.Invalid(path.Text, "must be unique");
            }

            if (names.Contains(name.Text))
            {
                name.Invalid(name.Text, "must not already exist in volumeDevices");
            }

            if (paths.ContainsValue(path.Text))
            {
                path.Invalid(path.Text, "must not already exist as a path in volumeDevices");
            }

            CheckParts(mount, mounts, container);
        }
    }

    /// <summary>Devices.</summary>
    public static void CheckDevices(Place container, PodScope scope)
    {
        var mounts = Last(container["volumeMounts"], "mountPath");
        HashSet<string> names = [], paths = [];
        foreach (var device in container["volumeDevices"].Items)
        {
            var (name, path) = (device["name"], device["devicePath"]);
            if (!name.HasText)
            {
                name.Required();
            }

            if (names.Contains(name.Text))
            {
                name.Invalid(name.Text, "must be unique");
            }

            if (scope.Volumes.TryGetValue(name.Text, out var volume))
            {
                if (!volume["persistentVolumeClaim"].Exists && !volume["ephemeral"].Exists)
                {
                    name.Invalid(name.Text, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
                }
            }
            else if (!scope.MoreVolumes.Contains(name.Text))
            {
                NotFound(name);
            }

            if (!path.HasText)
            {
                path.Required();
            }

            if (paths.Contains(path.Text))
            {
                path.Invalid(path.Text, "must be unique");
            }

            if (LocalPaths.HasBackstep(path.Text))
            {
                path.Invalid(path.Text, "can not contain backsteps ('..')");
            }
            else
            {
                paths.Add(path.Text);
            }

            if (mounts.ContainsKey(name.Text))
            {
                name.Invalid(name.Text, "must not already exist in volumeMounts");
            }

            if (mounts.ContainsValue(path.Text))
            {
                path.Invalid(path.Text, "must not already exist as a path in volumeMounts");
            }

            if (name.HasText)
            {
                names.Add(name.Text);
            }
        }
    }

    // Some of these are told without the index of the mount.
    private static void CheckParts(Place mount, Place mounts, Place container)
    {
        var (subPath, expression) = (mount["subPath"], mount["subPathExpr"]);
        LocalPaths.CheckDescending(subPath.As($"{mounts.Path}.subPath"));
        if (expression.HasText)
        {
            if (subPath.HasText)
            {
                expression.Invalid(expression.Text, "subPathExpr and subPath are mutually exclusive");
            }

            LocalPaths.CheckDescending(expression.As($"{mounts.Path}.subPathExpr"));
        }

        var propagation = mount["mountPropagation"].As($"{mounts.Path}.mountPropagation");
        propagation.NoneOrOneOf(Propagations);
        if (propagation.Text == "Bidirectional" && !container["securityContext"]["privileged"].Flag)
        {
            propagation.Forbidden("Bidirectional mount propagation is available only to privileged containers");
        }

        var readOnly = mount["recursiveReadOnly"].As($"{mounts.Path}.recursiveReadOnly");
        readOnly.NoneOrOneOf(ReadOnlyKinds);
        if (readOnly.Text is "Enabled" or "IfPossible")
        {
            if (!mount["readOnly"].Flag)
            {
                readOnly.Forbidden("may only be specified when readOnly is true");
            }

            if (propagation.Exists && propagation.Text != "None")
            {
                readOnly.Forbidden("may only be specified when mountPropagation is None or not specified");
            }
        }
    }

    // Of a volume that is there twice the last place counts.
    private static Dictionary<string, string> Last(Place list, string field)
    {
        var places = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in list.Items)
        {
            places[item["name"].Text] = item[field].Text;
        }

        return places;
    }

    private static void NotFound(Place name) => name.Errors.Add(FieldErrors.NotFound(name.Path, name.Text));
}
