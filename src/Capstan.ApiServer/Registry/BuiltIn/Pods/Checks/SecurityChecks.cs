using System.Text.RegularExpressions;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of the security contexts of a pod and of its containers.</summary>
internal static partial class SecurityChecks
{
    private const int LongestSysctl = 253;
    private const int LongestProfile = 4095;
    private static readonly string[] Profiles = ["Localhost", "RuntimeDefault", "Unconfined"];

    // Names of kernel parameters that are one per network, or per set of processes that share memory.
    private static readonly string[] OfNetwork = ["net."];
    private static readonly string[] OfMemory = ["kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced", "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "fs.mqueue."];

    /// <summary>The security context of the pod.</summary>
    public static void CheckPod(PodScope scope)
    {
        var (spec, context) = (scope.Spec, scope.Spec["securityContext"]);
        CheckId(context["fsGroup"]);
        CheckId(context["runAsUser"]);
        CheckId(context["runAsGroup"]);
        foreach (var group in context["supplementalGroups"].Items)
        {
            CheckId(group);
        }

        if (spec["shareProcessNamespace"].Flag && spec["hostPID"].Flag)
        {
            spec["shareProcessNamespace"].As($"{context.Path}.shareProcessNamespace").Invalid("ShareProcessNamespace and HostPID cannot both be enabled");
        }

        CheckSysctls(context["sysctls"], spec);
        context["fsGroupChangePolicy"].NoneOrOneOf("Always", "OnRootMismatch");
        CheckSeccomp(context["seccompProfile"]);
        WindowsChecks.CheckOptions(context["windowsOptions"]);
        CheckAppArmor(context["appArmorProfile"]);
        context["supplementalGroupsPolicy"].NoneOrOneOf("Merge", "Strict");
        context["seLinuxChangePolicy"].NoneOrOneOf("Recursive");
    }

    /// <summary>The security context of a container.</summary>
    public static void CheckContainer(Place context, PodScope scope)
    {
        if (!context.Exists)
        {
            return;
        }

        CheckId(context["runAsUser"]);
        CheckId(context["runAsGroup"]);
        var mount = context["procMount"];
        mount.NoneOrOneOf("Default", "Unmasked");
        if (scope.HostUsers && mount.Text == "Unmasked")
        {
            mount.Invalid("`hostUsers` must be false to use `Unmasked`");
        }

        CheckSeccomp(context["seccompProfile"]);
        if (context["allowPrivilegeEscalation"] is { Exists: true, Flag: false })
        {
            if (context["privileged"].Flag)
            {
                context.Invalid("cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
            }

            foreach (var _ in context["capabilities"]["add"].Items.Where(c => c.Text == "CAP_SYS_ADMIN"))
            {
                context.Invalid("cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
            }
        }

        WindowsChecks.CheckOptions(context["windowsOptions"]);
        CheckAppArmor(context["appArmorProfile"]);
    }

    /// <summary>What may not be where the pod has users of its own.</summary>
    public static void CheckHostUsers(PodScope scope)
    {
        if (scope.HostUsers)
        {
            return;
        }

        const string why = "when `hostUsers` is false";
        foreach (var (field, shown) in (ReadOnlySpan<(string, string)>)[("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")])
        {
            if (scope.Spec[field].Flag)
            {
                scope.Spec[field].As($"{scope.Spec.Path}.{shown}").Forbidden(why);
            }
        }

        foreach (var container in scope.Containers.Where(c => c["volumeDevices"].Count > 0))
        {
            container["volumeDevices"].Forbidden(why);
        }
    }

    /// <summary>The profile of calls that containers may make.</summary>
    public static void CheckSeccomp(Place profile)
    {
        if (!profile.Exists)
        {
            return;
        }

        CheckProfileType(profile["type"], "type is required when seccompProfile is set");
        var local = profile["localhostProfile"];
        if (profile["type"].Text != "Localhost")
        {
            if (local.Exists)
            {
                (profile with { Path = local.Path }).Invalid("can only be set when seccomp type is Localhost");
            }
        }
        else if (!local.Exists)
        {
            local.Required("must be set when seccomp type is Localhost");
        }
        else
        {
            LocalPaths.CheckDescending(local);
        }
    }

    /// <summary>The profile of AppArmor.</summary>
    public static void CheckAppArmor(Place profile)
    {
        if (!profile.Exists)
        {
            return;
        }

        var local = profile["localhostProfile"];
        switch (profile["type"].Text)
        {
            case "Localhost" when !local.Exists:
                local.Required("must be set when AppArmor type is Localhost");
                break;
            case "Localhost":
                if (local.Text.Trim() != local.Text)
                {
                    local.Invalid("must not be padded with whitespace");
                }
                else if (!local.HasText)
                {
                    local.Required("must be set when AppArmor type is Localhost");
                }

                if (System.Text.Encoding.UTF8.GetByteCount(local.Text) > LongestProfile)
                {
                    local.TooLong(LongestProfile);
                }

                break;
            case "RuntimeDefault" or "Unconfined" when local.Exists:
                local.Invalid("can only be set when AppArmor type is Localhost");
                break;
            case "RuntimeDefault" or "Unconfined":
                break;
            default:
                CheckProfileType(profile["type"], "type is required when appArmorProfile is set");
                break;
        }
    }

    private static void CheckProfileType(Place type, string missing)
    {
        if (!type.HasText)
        {
            type.Required(missing);
        }
        else
        {
            type.OneOf(Profiles);
        }
    }

    private static void CheckId(Place id)
    {
        if (id.Number is < 0 or > int.MaxValue)
        {
            id.Invalid("must be between 0 and 2147483647, inclusive");
        }
    }

    private static void CheckSysctls(Place sysctls, Place spec)
    {
        HashSet<string> seen = [];
        foreach (var name in sysctls.Items.Select(s => s["name"]))
        {
            if (!name.HasText)
            {
                name.Required();
            }
            else if (name.Text.Length > LongestSysctl || !SysctlName().IsMatch(name.Text))
            {
                name.Invalid(name.Text, $"must have at most {LongestSysctl} characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
            }
            else if (seen.Contains(name.Text))
            {
                name.Duplicate();
            }

            var normal = name.Text.Replace('/', '.');
            if (spec["hostNetwork"].Flag && OfNetwork.Any(p => normal.StartsWith(p, StringComparison.Ordinal)))
            {
                name.Invalid(name.Text, "may not be specified when 'hostNetwork' is true");
            }
            else if (spec["hostIPC"].Flag && OfMemory.Any(p => p[^1] == '.' ? normal.StartsWith(p, StringComparison.Ordinal) : normal == p))
            {
                name.Invalid(name.Text, "may not be specified when 'hostIPC' is true");
            }

            seen.Add(name.Text);
        }
    }

    [GeneratedRegex(@"^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex SysctlName();
}
