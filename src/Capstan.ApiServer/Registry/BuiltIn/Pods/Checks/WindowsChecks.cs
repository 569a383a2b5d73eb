using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of what pods say of an operating system, and for it.</summary>
internal static class WindowsChecks
{
    private const int LongestSpec = 64 * 1024;
    private static readonly string[] Systems = ["linux", "windows"];

    // What Linux alone has: under the path that the message names, and where it stands in version 1.
    private static readonly string[] OfLinuxPods =
    [
        "securityContext.appArmorProfile", "securityContext.seLinuxOptions", "hostUsers", "hostPID", "hostIPC", "securityContext.seccompProfile", "securityContext.fsGroup",
        "securityContext.fsGroupChangePolicy", "securityContext.sysctls", "shareProcessNamespace", "securityContext.runAsUser", "securityContext.runAsGroup",
        "securityContext.supplementalGroups", "securityContext.supplementalGroupsPolicy", "securityContext.seLinuxChangePolicy",
    ];

    private static readonly string[] OfLinuxContainers =
    [
        "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation", "procMount", "runAsUser", "runAsGroup",
    ];

    /// <summary>The system must be known, and the pod have nothing that it has not.</summary>
    public static void CheckSystem(PodScope scope)
    {
        var os = scope.Spec["os"];
        if (!os.Exists)
        {
            return;
        }

        if (!os["name"].HasText)
        {
            os["name"].Required();
        }
        else if (!Systems.Contains(os["name"].Text))
        {
            os["name"].As(os.Path).NotSupported(Systems);
        }
        else if (os["name"].Text == "linux")
        {
            foreach (var options in scope.Containers.Prepend(scope.Spec).Select(p => p["securityContext"]["windowsOptions"]).Where(o => o.Exists))
            {
                options.Forbidden("windows options cannot be set for a linux pod");
            }
        }
        else
        {
            CheckForWindows(scope);
        }
    }

    /// <summary>Containers that are processes of the node: all or none.</summary>
    public static void CheckHostProcesses(PodScope scope)
    {
        var ofPod = scope.Spec["securityContext"]["windowsOptions"]["hostProcess"];
        var (all, processes) = (0, 0);
        foreach (var own in scope.Containers.Select(c => c["securityContext"]["windowsOptions"]["hostProcess"]))
        {
            all++;
            if (ofPod.Exists && own.Exists && ofPod.Flag != own.Flag)
            {
                own.Invalid($"pod hostProcess value must be identical if both are specified, was {(ofPod.Flag ? "true" : "false")}");
            }

            processes += (own.Exists ? own.Flag : ofPod.Flag) ? 1 : 0;
        }

        if (processes > 0 && processes != all)
        {
            scope.Spec.Invalid("", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
        }

        if (processes > 0 && !scope.Spec["hostNetwork"].Flag)
        {
            scope.Spec["hostNetwork"].Invalid(false, "hostNetwork must be true if pod contains any hostProcess containers");
        }
    }

    /// <summary>Options for Windows.</summary>
    public static void CheckOptions(Place options)
    {
        var (name, spec) = (options["gmsaCredentialSpecName"], options["gmsaCredentialSpec"]);
        if (name.Exists)
        {
            name.Follows(Naming.SubdomainFaults);
        }

        if (spec.Exists && !spec.HasText)
        {
            spec.Invalid("gmsaCredentialSpec cannot be an empty string");
        }
        else if (System.Text.Encoding.UTF8.GetByteCount(spec.Text) > LongestSpec)
        {
            spec.Invalid($"gmsaCredentialSpec size must be under {LongestSpec / 1024} KiB");
        }

        if (options["runAsUserName"] is { Exists: true, HasText: false } user)
        {
            user.Invalid("runAsUserName cannot be an empty string");
        }
    }

    private static void CheckForWindows(PodScope scope)
    {
        const string why = "cannot be set for a windows pod";
        foreach (var path in OfLinuxPods)
        {
            var place = path.Split('.').Aggregate(scope.Spec, (p, field) => p[field]);
            if (path is "hostPID" or "hostIPC" ? place.Flag : place.Exists)
            {
                place.Forbidden(why);
            }
        }

        foreach (var context in scope.Containers.Select(c => c["securityContext"]))
        {
            foreach (var field in OfLinuxContainers.Where(f => context[f].Exists))
            {
                context[field].Forbidden(why);
            }
        }
    }
}
