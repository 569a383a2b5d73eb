namespace Capstan.Cel.Kubernetes;

/// <summary>A well-known form of strings that CEL's <c>format</c> library can check. Two are equal when they are the same.</summary>
public sealed class NamedFormat
{
    private static readonly Dictionary<string, NamedFormat> All = new NamedFormat[]
    {
        new("dns1123Label", 30, name => DnsNames.LabelFaults(GoText.ToOctets(name))),
        new("dns1123Subdomain", 60, name => DnsNames.SubdomainFaults(GoText.ToOctets(name))),
        new("dns1035Label", 30, name => DnsNames.Label1035Faults(GoText.ToOctets(name))),
        new("qualifiedName", 60, Selectors.LabelSyntax.KeyFaults),
        new("dns1123LabelPrefix", 30, name => DnsNames.LabelFaults(DnsNames.OfPrefix(GoText.ToOctets(name)))),
        new("dns1123SubdomainPrefix", 60, name => DnsNames.SubdomainFaults(DnsNames.OfPrefix(GoText.ToOctets(name)))),
        new("dns1035LabelPrefix", 30, name => DnsNames.Label1035Faults(DnsNames.OfPrefix(GoText.ToOctets(name)))),
        new("labelValue", 40, Selectors.LabelSyntax.ValueFaults),
        new("uri", 1103, text => Url.Fault(text) is { } fault ? [fault] : []),
        new("uuid", 70, Check(StringForms.IsUuid, "does not match the UUID format")),
        new("byte", 84, Check(StringForms.IsBase64, "invalid base64")),
        new("date", 71, Check(StringForms.IsDate, "invalid date")),
        new("datetime", 71, Check(StringForms.IsDateTime, "invalid datetime")),
    }.ToDictionary(format => format.Name, StringComparer.Ordinal);

    private readonly Func<string, IReadOnlyList<string>> _faults;

    private NamedFormat(string name, int regexSize, Func<string, IReadOnlyList<string>> faults) => (Name, RegexSize, _faults) = (name, regexSize, faults);

    /// <summary>The names of all formats.</summary>
    public static IReadOnlyCollection<string> Names => All.Keys;

    /// <summary>The name by which <see cref="Named"/> finds it.</summary>
    public string Name { get; }

    /// <summary>Length of a regular expression that would do the same; CEL's cost of a check depends on it.</summary>
    public int RegexSize { get; }

    /// <summary>The format of that name; null when there is none.</summary>
    public static NamedFormat? Named(string name) => All.GetValueOrDefault(name);

    /// <summary>What is wrong with a text, in Kubernetes' words; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate(string text) => _faults(text);

    /// <summary>The <see cref="Name"/>.</summary>
    public override string ToString() => Name;

    private static Func<string, IReadOnlyList<string>> Check(Predicate<string> isValid, string fault) => text => isValid(text) ? [] : [fault];
}
