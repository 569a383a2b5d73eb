using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>Forms of strings, each by a function of its name: <c>format.dns1123Label().validate(name)</c>.</summary>
internal static class FormatFunctions
{
    public static ImmutableArray<FunctionDeclaration> Declarations { get; } = SignatureReader.Functions(
        """
        format.named
          format-named (string) -> optional_type(kubernetes.NamedFormat)
        validate
          format-validate kubernetes.NamedFormat.(string) -> optional_type(list(string))

        """ + string.Join('\n', NamedFormat.Names.Select(name => $"format.{name}\n  format.{name} () -> kubernetes.NamedFormat")));

    public static void Declare(FunctionSet set)
    {
        foreach (var name in NamedFormat.Names)
        {
            var format = CelValue.Of(new NamedFormatValue(NamedFormat.Named(name)!));
            set.Global($"format.{name}", 0, _ => format);
        }

        set.OfText("format.named", name => CelValue.Of(
            NamedFormat.Named(name) is { } format ? CelOptional.Of(CelValue.Of(new NamedFormatValue(format))) : CelOptional.None));
        set.Member("validate", 1, a => a[0].As<NamedFormatValue>() is { } format && a[1].Kind == CelKind.String
            ? Validate(format.Format, a[1].String) : FunctionSet.NoOverload("validate"));
    }

    private static CelValue Validate(NamedFormat format, string text) =>
        CelValue.Of(format.Validate(text) is { Count: > 0 } faults ? CelOptional.Of(faults.List()) : CelOptional.None);
}

/// <summary>A format as a value of CEL.</summary>
internal sealed record NamedFormatValue(NamedFormat Format) : ICelObject
{
    public string TypeName => "kubernetes.NamedFormat";

    public override string ToString() => Format.Name;
}
