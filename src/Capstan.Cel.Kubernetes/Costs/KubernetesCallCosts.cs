using Capstan.Cel.Costs;
using Capstan.Cel.Kubernetes.Library;

namespace Capstan.Cel.Kubernetes.Costs;

/// <summary>
/// What calls cost when they run, as Kubernetes counts. It goes by the name of a function and not by its overload, so that functions of other
/// libraries with such a name cost the same: strings of cel-go's among them.
/// </summary>
internal static class KubernetesCallCosts
{
    // Checks of an authorizer are so dear that an expression may do two.
    private static readonly CallCost Check = CallCost.OfArguments(_ => 350_000);
    private static readonly CallCost Elements = CallCost.OfArguments(a => ValueSize.Traversal(a[0]));
    private static readonly CallCost Text = CallCost.OfArguments(a => TextCost.Once(ValueSize.Of(a[0])));
    private static readonly CallCost TextTwice = CallCost.OfArguments(a => TextCost.Twice(ValueSize.Of(a[0])));
    private static readonly CallCost Pattern = CallCost.OfArguments(a => TextCost.Match(ValueSize.Of(a[0]), ValueSize.Of(a[1])));
    private static readonly CallCost Selector = CallCost.OfArguments(a => OfSelector(ValueSize.Of(a[1])));

    private static readonly CallCost Join = CallCost.OfResult(
        (in CelValue result) => TextCost.Twice(ValueSize.Of(result)),
        a => TextCost.Twice(LeastOfJoined(a)));

    private static readonly CallCost ContainsIP = CallCost.OfArguments(a => OfAddresses(a[0]));
    private static readonly CallCost ContainsIPText = CallCost.OfArguments(a => OfAddresses(a[0]) + TextCost.Once(ValueSize.Of(a[1])));
    private static readonly CallCost ContainsCidr = CallCost.OfArguments(a => OfNetworks(a[0]));
    private static readonly CallCost ContainsCidrText = CallCost.OfArguments(a => OfNetworks(a[0]) + TextCost.Once(ValueSize.Of(a[1])));

    private static readonly CallCost Validate = CallCost.OfArguments(
        a => a[0].As<NamedFormatValue>() is { } format ? TextCost.Match(ValueSize.Of(a[1]), (ulong)format.Format.RegexSize) : CostFactors.CallCost);

    public static CallCost? Find(string function, string overload) => function switch
    {
        "check" => Check,
        "fieldSelector" or "labelSelector" => Selector,
        "isSorted" or "sum" or "max" or "min" or "indexOf" or "lastIndexOf" => Elements,
        "url" or "lowerAscii" or "upperAscii" or "substring" or "trim" or "jsonpatch.escapeKey" => Text,
        "cidr" or "isIP" or "isCIDR" or "quantity" or "isQuantity" or "semver" or "isSemver" => Text,
        "ip" => overload == "cidr_ip" ? CallCost.One : Text,
        "ip.isCanonical" or "replace" or "split" => TextTwice,
        "join" => Join,
        "find" or "findAll" => Pattern,
        "containsIP" => overload == "cidr_contains_ip_string" ? ContainsIPText : ContainsIP,
        "containsCIDR" => overload == "cidr_contains_cidr_string" ? ContainsCidrText : ContainsCidr,
        "validate" => Validate,
        _ => null,
    };

    // Both addresses are gone over as far as the prefix reaches.
    private static ulong OfAddresses(in CelValue cidr) => TextCost.Once(2 * ValueSize.Of(cidr));

    // And one of them is masked before.
    private static ulong OfNetworks(in CelValue cidr) => OfAddresses(cidr) + TextCost.Once(ValueSize.Of(cidr)) + CostFactors.CallCost;

    // It is read, and becomes a list with, for each two characters, a requirement that has a list of its own.
    private static ulong OfSelector(ulong size) => CostFactors.ListCreateBaseCost + TextCost.Once(size)
        + (ulong)Math.Ceiling(Math.Ceiling(size * 0.5) * (CostFactors.ListCreateBaseCost + CostFactors.StructCreateBaseCost));

    private static ulong LeastOfJoined(ReadOnlySpan<CelValue> arguments)
    {
        if (arguments[0].Kind != CelKind.List)
        {
            return 0;
        }

        var list = arguments[0].List;
        var separator = arguments.Length == 2 && arguments[1].Kind == CelKind.String ? ValueSize.Of(arguments[1]) : 0;
        var size = list.Count == 0 ? 0 : (ulong)(list.Count - 1) * separator;
        for (var i = 0; i < list.Count; i++)
        {
            // What is no string fails the call.
            if (list[i].Kind != CelKind.String)
            {
                return 0;
            }

            size += ValueSize.Of(list[i]);
        }

        return size;
    }
}
