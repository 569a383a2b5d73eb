using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>Networks: an address and the length of its prefix. What is contained may be given as text.</summary>
internal static class CidrFunctions
{
    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(
        """
        cidr
          string_to_cidr (string) -> net.CIDR
        isCIDR
          is_cidr (string) -> bool
        containsIP
          cidr_contains_ip_string net.CIDR.(string) -> bool
          cidr_contains_ip_ip net.CIDR.(net.IP) -> bool
        containsCIDR
          cidr_contains_cidr_string net.CIDR.(string) -> bool
          cidr_contains_cidr net.CIDR.(net.CIDR) -> bool
        ip
          cidr_ip net.CIDR.() -> net.IP
        masked
          cidr_masked net.CIDR.() -> net.CIDR
        prefixLength
          cidr_prefix_length net.CIDR.() -> int
        string
          cidr_to_string (net.CIDR) -> string
        """);

    public static CelType Type { get; } = CelType.Opaque(CidrValue.Name);

    public static void Declare(FunctionSet set)
    {
        var specification = set.IsSpecification;
        set.OfText("cidr", Parse);
        set.OfText("isCIDR", text => CelValue.Of(Cidr.TryParse(text, out _, out _)));
        set.Of<CidrValue>("ip", c => CelValue.Of(new IPValue(c.Range.Address)));
        set.Of<CidrValue>("masked", c => CelValue.Of(new CidrValue(c.Range.Masked)));
        set.Of<CidrValue>("prefixLength", c => CelValue.Of((long)c.Range.PrefixLength));
        set.Global("string", 1, a => a[0].As<CidrValue>() is { } cidr ? CelValue.Of(cidr.ToString()) : FunctionSet.NoOverload("string"));
        set.Member("containsCIDR", 1, a => Contains(a, "containsCIDR", Parse(a[1])));

        // Kubernetes does not say here what is wrong with the text.
        set.Member("containsIP", 1, a => Contains(a, "containsIP", a[1].Kind != CelKind.String ? a[1]
            : IPFunctions.Parse(a[1].String, specification) is { IsError: false } ip ? ip : CelValue.Error(EvalErrorKind.NoSuchOverload)));
    }

    private static CelValue Parse(string text) =>
        Cidr.TryParse(text, out var cidr, out var error) ? CelValue.Of(new CidrValue(cidr)) : CelValue.Failure(error!);

    private static CelValue Parse(CelValue item) => item.Kind == CelKind.String ? Parse(item.String) : item;

    private static CelValue Contains(ReadOnlySpan<CelValue> a, string name, in CelValue item)
    {
        if (a[0].As<CidrValue>() is not { } cidr)
        {
            return FunctionSet.NoOverload(name);
        }

        return item.IsError ? item
            : name == "containsIP" && item.As<IPValue>() is { } ip ? CelValue.Of(cidr.Range.ContainsIP(ip.Address))
            : name == "containsCIDR" && item.As<CidrValue>() is { } other ? CelValue.Of(cidr.Range.ContainsCIDR(other.Range))
            : FunctionSet.NoOverload(name);
    }
}

/// <summary>A network as a value of CEL.</summary>
internal sealed record CidrValue(Cidr Range) : ICelObject
{
    public const string Name = "net.CIDR";

    public string TypeName => Name;

    /// <summary>Bytes that the prefix reaches into.</summary>
    ulong ICelObject.Size => ((ulong)Range.PrefixLength + 7) / 8;

    public override string ToString() => Range.ToString();
}
