using System.Globalization;
using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of LimitRange.</summary>
internal static class LimitRangeChecks
{
    private static readonly string[] Bounds = ["max", "min"];
    private static readonly string[] Defaults = ["default", "defaultRequest"];

    /// <summary>LimitRange.</summary>
    public static readonly KindCheck LimitRange = new(range =>
    {
        HashSet<string> types = [];
        foreach (var limit in range["spec"]["limits"].Items)
        {
            CheckType(limit["type"]);
            if (!types.Add(limit["type"].Text))
            {
                limit["type"].Duplicate();
            }

            CheckNames(limit);
            foreach (var name in Bounds.Concat(Defaults).Append("maxLimitRequestRatio").SelectMany(f => limit[f].Entries).Select(e => e.Key).Distinct().Order(StringComparer.Ordinal))
            {
                CheckAmounts(limit, name);
            }
        }
    });

    private static void CheckType(Place type)
    {
        var faults = LabelSyntax.KeyFaults(type.Text);
        foreach (var fault in faults)
        {
            type.Invalid(type.Text, fault);
        }

        if (faults.Count == 0 && !type.Text.Contains('/', StringComparison.Ordinal) && type.Text is not ("Pod" or "Container" or "PersistentVolumeClaim"))
        {
            type.Invalid("must be a standard limit type or fully qualified");
        }
    }

    private static void CheckNames(Place limit)
    {
        var type = limit["type"].Text;
        void Check(string field)
        {
            foreach (var (name, amount) in limit[field].Entries)
            {
                if (type is "Pod" or "Container")
                {
                    ResourceNames.CheckOfContainer(amount, name);
                }
                else
                {
                    ResourceNames.Check(amount, name);
                }
            }
        }

        foreach (var field in Bounds)
        {
            Check(field);
        }

        foreach (var field in Defaults)
        {
            if (type != "Pod")
            {
                Check(field);
            }
            else if (limit[field].Count > 0)
            {
                limit[field].Forbidden("may not be specified when `type` is 'Pod'");
            }
        }

        if (type == "PersistentVolumeClaim" && !limit["min"]["storage"].Exists && !limit["max"]["storage"].Exists)
        {
            limit["limits"].Required("either minimum or maximum storage value is required, but neither was provided");
        }

        Check("maxLimitRequestRatio");
    }

    private static void CheckAmounts(Place limit, string name)
    {
        Place At(string field) => limit[field].Entries.FirstOrDefault(e => e.Key == name).Place is { Exists: true } place ? place : limit[field][name].As($"{limit[field].Path}[{name}]");
        var (min, max, ratio) = (At("min"), At("max"), At("maxLimitRequestRatio"));
        var isPod = limit["type"].Text == "Pod";
        Place byDefault = isPod ? At("default") with { Value = null } : At("default"), request = isPod ? At("defaultRequest") with { Value = null } : At("defaultRequest");
        Above(min, max, min, (a, b) => $"min value {a} is greater than max value {b}");
        Above(min, request, request, (a, b) => $"min value {a} is greater than default request value {b}");
        Above(request, max, request, (a, b) => $"default request value {a} is greater than max value {b}");
        Above(request, byDefault, request, (a, b) => $"default request value {a} is greater than default limit value {b}");
        Above(min, byDefault, byDefault with { Value = min.Value }, (a, b) => $"min value {a} is greater than default value {b}");
        Above(byDefault, max, byDefault with { Value = max.Value }, (a, b) => $"default value {a} is greater than max value {b}");
        CheckRatio(ratio, min, max);
        if (!ResourceNames.MayBeOvercommitted(name) && Amounts.Of(byDefault) is { } limitByDefault && Amounts.Of(request) is { } asked && limitByDefault.CompareTo(asked) != 0)
        {
            request.Invalid($"default value {byDefault.Text} must equal to defaultRequest value {request.Text} in {name}");
        }
    }

    private static void Above(Place left, Place right, Place shown, Func<string, string, string> detail)
    {
        if (Amounts.Of(left) is { } a && Amounts.Of(right) is { } b && a.CompareTo(b) > 0)
        {
            shown.Invalid(detail(left.Text, right.Text));
        }
    }

    private static void CheckRatio(Place ratio, Place min, Place max)
    {
        if (Amounts.Of(ratio) is not { } allowed)
        {
            return;
        }

        if (allowed.CompareTo(Quantity.FromInt64(1)) < 0)
        {
            ratio.Invalid($"ratio {ratio.Text} is less than 1");
        }

        if (Amounts.Of(min) is { } least && Amounts.Of(max) is { } most)
        {
            var real = most.AsApproximateDouble() / least.AsApproximateDouble();
            if (allowed.AsApproximateDouble() > real)
            {
                ratio.Invalid(string.Create(CultureInfo.InvariantCulture, $"ratio {ratio.Text} is greater than max/min = {real:F6}"));
            }
        }
    }
}
