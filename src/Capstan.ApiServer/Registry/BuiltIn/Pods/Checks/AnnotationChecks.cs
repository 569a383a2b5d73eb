using System.Globalization;
using Capstan.ApiServer.Registry.BuiltIn.Checks;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of annotations that mean something to pods.</summary>
internal static class AnnotationChecks
{
    private const string Mirror = "kubernetes.io/config.mirror";
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";
    private const string SeccompOfPod = "seccomp.security.alpha.kubernetes.io/pod";
    private const string SeccompOfContainer = "container.seccomp.security.alpha.kubernetes.io/";
    private const string AppArmor = "container.apparmor.security.beta.kubernetes.io/";

    /// <summary>Their values.</summary>
    public static void Check(Place annotations, PodScope scope)
    {
        Place At(string key) => annotations[key].As($"{annotations.Path}[{key}]");
        if (annotations[Mirror].Exists && !scope.Spec["nodeName"].HasText)
        {
            At(Mirror).Invalid("must set spec.nodeName if mirror pod annotation is set");
        }

        var cost = annotations[DeletionCost];
        if (cost.Exists && !IsCost(cost.Text))
        {
            At(DeletionCost).Invalid("must be a 32bit integer");
        }

        foreach (var (key, value) in annotations.Entries)
        {
            if (key == SeccompOfPod || key.StartsWith(SeccompOfContainer, StringComparison.Ordinal))
            {
                CheckSeccomp(value.As($"{annotations.Path}.{key}"));
            }
        }

        foreach (var (key, value) in annotations.Entries.Where(e => e.Key.StartsWith(AppArmor, StringComparison.Ordinal)))
        {
            if (!scope.Containers.Any(c => c["name"].Text == key[AppArmor.Length..]))
            {
                value.Invalid(key[AppArmor.Length..], "container not found");
            }

            if (value.Text is not ("" or "runtime/default" or "unconfined") && !value.Text.StartsWith("localhost/", StringComparison.Ordinal))
            {
                value.Invalid($"invalid AppArmor profile name: {Schemas.GoFormat.Quote(value.Text)}");
            }
        }
    }

    /// <summary>What may not be added, changed or taken away.</summary>
    public static void CheckUpdate(Place annotations, System.Text.Json.Nodes.JsonObject? before)
    {
        bool Matters(string key) => key == Mirror || key.StartsWith(AppArmor, StringComparison.Ordinal);
        string What(string key) => key == Mirror ? "mirror pod annotation" : "AppArmor annotations";
        foreach (var (key, value) in (before ?? []).Where(e => Matters(e.Key)))
        {
            if (annotations[key].Value.Text() != value.Text())
            {
                annotations[key].As($"{annotations.Path}[{key}]").Forbidden($"may not remove or update {What(key)}");
            }
        }

        foreach (var (key, place) in annotations.Entries.Where(e => Matters(e.Key) && before.At(e.Key) is null))
        {
            place.Forbidden($"may not add {What(key)}");
        }
    }

    /// <summary>Profiles of calls that stand both in annotations and in fields must be the same.</summary>
    public static void CheckSeccompAgrees(Place annotations, PodScope scope)
    {
        CheckAgrees(annotations[SeccompOfPod], scope.Spec["securityContext"]["seccompProfile"], "seccomp", "docker/default");
        foreach (var container in scope.Containers)
        {
            CheckAgrees(annotations[SeccompOfContainer + container["name"].Text], container["securityContext"]["seccompProfile"], "seccomp", "docker/default");
        }
    }

    /// <summary>The same of profiles of AppArmor.</summary>
    public static void CheckAppArmorAgrees(Place annotations, PodScope scope)
    {
        if (scope.Spec["os"]["name"].Text == "windows")
        {
            return;
        }

        foreach (var container in scope.Containers)
        {
            var own = container["securityContext"]["appArmorProfile"];
            var profile = own.Exists ? own : scope.Spec["securityContext"]["appArmorProfile"].As(own.Path);
            CheckAgrees(annotations[AppArmor + container["name"].Text], profile, "apparmor", null);
        }
    }

    private static void CheckAgrees(Place annotation, Place profile, string what, string? older)
    {
        if (!annotation.Exists || !profile.Exists)
        {
            return;
        }

        var text = annotation.Text;
        var agrees = profile["type"].Text switch
        {
            "Unconfined" => text == "unconfined",
            "RuntimeDefault" => text == "runtime/default" || text == older,
            "Localhost" => text.StartsWith("localhost/", StringComparison.Ordinal),
            _ => true,
        };
        if (!agrees)
        {
            profile["type"].Forbidden($"{what} type in annotation and field must match");
        }
        else if (profile["type"].Text == "Localhost" && text["localhost/".Length..] != profile["localhostProfile"].Value.Text())
        {
            profile["localhostProfile"].Forbidden($"{what} profile in annotation and field must match");
        }
    }

    private static void CheckSeccomp(Place profile)
    {
        if (profile.Text is "runtime/default" or "docker/default" or "unconfined")
        {
            return;
        }

        if (profile.Text.StartsWith("localhost/", StringComparison.Ordinal))
        {
            LocalPaths.CheckDescending(profile with { Value = profile.Text["localhost/".Length..] });
        }
        else
        {
            profile.Invalid("must be a valid seccomp profile");
        }
    }

    // No sign of plus, and no zeros in front.
    private static bool IsCost(string text) =>
        text.Length > 0 && text[0] != '+' && (text == "0" || text.TrimStart('-') is [not '0', ..]) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
}
