using Capstan.ApiServer.Registry.BuiltIn.Checks;
using Capstan.Quotas;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Pods.Checks;

/// <summary>Faults of what containers, and pods as a whole, ask for and may use at most.</summary>
internal static class ResourceChecks
{
    private const string HugePages = "hugepages-";
    private static readonly string[] Lists = ["limits", "requests"];
    private static readonly string[] OfPods = ["cpu", "hugepages-", "memory"];

    /// <summary>What a container asks for.</summary>
    public static void CheckContainer(Place resources, PodScope scope) => Check(resources, scope, ResourceNames.CheckOfContainer);

    /// <summary>What the pod as a whole asks for, and that it is no less than what its containers do.</summary>
    public static void CheckPod(PodScope scope)
    {
        var resources = scope.Spec["resources"];
        if (!resources.Exists)
        {
            return;
        }

        if (scope.Spec["os"]["name"].Text == "windows")
        {
            resources.Forbidden("may not be set for a windows pod");
            return;
        }

        if (resources["claims"].Exists)
        {
            resources["claims"].Forbidden("claims may not be set for Resources at pod-level");
        }

        Check(resources, scope, CheckNameOfPod);
        var spec = scope.Spec.Value;
        foreach (var (name, sum) in PodResources.OfContainers(spec, "requests").OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            CheckAtLeast(resources["requests"], name, sum, "requests");
        }

        foreach (var (name, sum) in PodResources.OfContainers(spec, "limits").Where(s => s.Key.StartsWith(HugePages, StringComparison.Ordinal)).OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            CheckAtLeast(resources["limits"], name, sum, "limits");
        }

        CheckEach(scope, resources);
    }

    private static void CheckAtLeast(Place list, string name, Quantity sum, string which)
    {
        if (ResourceLists.Of(list[name].Value) is { } given && sum > given)
        {
            list[name].As($"{list.Path}[{name}]").Invalid(given.ToString(), $"must be greater than or equal to aggregate container {which} of {sum}");
        }
    }

    private static void CheckEach(PodScope scope, Place resources)
    {
        var i = 0;
        foreach (var container in scope.Spec["containers"].Items)
        {
            foreach (var (name, amount) in container["resources"]["limits"].Entries)
            {
                if (ResourceLists.Of(resources["limits"][name].Value) is { } most && ResourceLists.Of(amount.Value) is { } own && own > most)
                {
                    amount.As($"{resources.Path}.containers[{i}][{name}].limits").Invalid(own.ToString(), $"must be less than or equal to pod limits of {most}");
                }
            }

            i++;
        }
    }

    private static void CheckNameOfPod(Place place, string name)
    {
        ResourceNames.Check(place, name);
        if (name is not ("cpu" or "memory") && !name.StartsWith(HugePages, StringComparison.Ordinal))
        {
            place.Errors.Add(FieldErrors.NotSupported(place.Path, name, OfPods));
        }
    }

    private static void Check(Place resources, PodScope scope, Action<Place, string> checkName)
    {
        bool basic = false, huge = false;
        foreach (var list in Lists)
        {
            foreach (var (name, amount) in resources[list].Entries)
            {
                checkName(amount, name);
                ResourceNames.CheckAmount(amount, name);
                if (list == "requests")
                {
                    CheckAgainstLimit(resources, name, amount);
                }

                CheckPages(amount, name);
                basic |= name is "cpu" or "memory";
                huge |= name.StartsWith(HugePages, StringComparison.Ordinal);
            }
        }

        if (huge && !basic)
        {
            resources.Forbidden("HugePages require cpu or memory");
        }

        CheckClaims(resources["claims"], scope);
    }

    private static void CheckAgainstLimit(Place resources, string name, Place amount)
    {
        var shared = ResourceNames.MayBeOvercommitted(name);
        if (ResourceLists.Of(amount.Value) is not { } request)
        {
            return;
        }

        if (ResourceLists.Of(resources["limits"][name].Value) is { } limit)
        {
            if (shared ? request > limit : request != limit)
            {
                amount.As(resources["requests"].Path).Invalid(request.ToString(), $"must be {(shared ? "less than or equal" : "equal")} to {name} limit of {limit}");
            }
        }
        else if (!shared)
        {
            resources["limits"].Required("Limit must be set for non overcommitable resources");
        }
    }

    private static void CheckPages(Place amount, string name)
    {
        if (name.StartsWith(HugePages, StringComparison.Ordinal) && ResourceLists.Of(amount.Value) is { } given
            && !(Quantity.TryParse(name[HugePages.Length..], out var size, out _) && size.TryGetInt64(out var page) && page > 0 && given.TryGetInt64(out var bytes) && bytes % page == 0))
        {
            amount.Invalid(given.ToString(), $"{given} is not positive integer multiple of {name}");
        }
    }

    private static void CheckClaims(Place claims, PodScope scope)
    {
        HashSet<string> names = [];
        foreach (var claim in claims.Items)
        {
            var (name, request) = (claim["name"].Text, claim["request"]);
            if (name.Length == 0)
            {
                claim.Required();
                continue;
            }

            request.NoneOrFollows(Naming.LabelFaults);
            var key = request.HasText ? $"{name}/{request.Text}" : name;
            if (names.Contains(name) || !names.Add(key) || (!request.HasText && names.Any(n => n.StartsWith(name + "/", StringComparison.Ordinal))))
            {
                claim.Errors.Add(FieldErrors.Duplicate(claim.Path, names.Contains(name) ? name : key));
            }

            if (!scope.Claims.Contains(name))
            {
                var what = scope.Claims.Count == 0 ? " which is empty" : $": {string.Join(", ", scope.Claims)}";
                var fault = FieldErrors.NotFound(claim.Path, name);
                claim.Errors.Add(fault with { Message = $"{fault.Message}: must be one of the names in pod.spec.resourceClaims{what}" });
            }
        }
    }
}
