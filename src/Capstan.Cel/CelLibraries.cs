using Capstan.Cel.Checking;
using Capstan.Cel.Costs;
using Capstan.Cel.Library;
using Capstan.Cel.Syntax;

namespace Capstan.Cel;

/// <summary>
/// The libraries of the language that are a choice. The functions and macros of the language itself are in every environment. Names and
/// meanings are those of cel-go's <c>ext</c> package.
/// </summary>
public static class CelLibraries
{
    /// <summary><c>&lt; &lt;= &gt; &gt;=</c> between numbers of different types. In Kubernetes since 1.28.</summary>
    public static CelLibrary CrossTypeNumbers { get; } = new("cross-type numbers") { Declarations = StandardDeclarations.CrossTypeComparisons };

    /// <summary>Optional values: <c>a.?b</c>, <c>m[?k]</c>, <c>optional.of</c>, <c>optMap</c> and so on. In Kubernetes since 1.28.</summary>
    public static CelLibrary Optionals { get; } = new("optionals")
    {
        Declarations = StandardDeclarations.Optionals,
        Types = [CelType.Optional(CelType.Dyn)],
        Functions = OptionalFunctions.Declare,
        Macros = [.. OptionalMacros.All],
        HasOptionalSyntax = true,
    };

    /// <summary>
    /// <c>charAt format indexOf join lastIndexOf lowerAscii quote replace reverse split substring trim upperAscii</c>. In Kubernetes since 1.25,
    /// <c>format</c> and <c>quote</c> since 1.29.
    /// </summary>
    public static CelLibrary Strings { get; } = StringsOf(3);

    /// <summary>The strings library with the formats of the specification in either dialect: cel-go's newest.</summary>
    internal static CelLibrary StringsUpTo4 { get; } = StringsOf(4);

    /// <summary>The strings library without <c>reverse</c>: Kubernetes' since 1.29.</summary>
    internal static CelLibrary StringsUpTo2 { get; } = StringsOf(2);

    /// <summary>The strings library without <c>format</c>, <c>quote</c> and <c>reverse</c>: Kubernetes' before 1.29.</summary>
    internal static CelLibrary StringsUpTo0 { get; } = StringsOf(0);

    /// <summary><c>slice flatten distinct reverse sort sortBy</c> and <c>lists.range</c>. In Kubernetes since 1.34.</summary>
    public static CelLibrary Lists { get; } = new("lists")
    {
        Declarations = ExtensionDeclarations.Lists,
        Functions = ListFunctions.Declare,
        CallEstimate = ListCosts.Estimate,
        CallCosts = ExtensionCallCosts.Lists,
        Macros = [.. ListMacros.All],
    };

    /// <summary><c>sets.contains sets.equivalent sets.intersects</c>. In Kubernetes since 1.29.</summary>
    public static CelLibrary Sets { get; } = new("sets")
    {
        Declarations = ExtensionDeclarations.Sets,
        Functions = SetFunctions.Declare,
        CallEstimate = SetCosts.Estimate,
        CallCosts = ExtensionCallCosts.Sets,
    };

    /// <summary>
    /// Comprehensions of two variables: <c>all exists existsOne</c> over index or key and value, <c>transformList transformMap
    /// transformMapEntry</c>. In Kubernetes since 1.32.
    /// </summary>
    public static CelLibrary TwoVariableComprehensions { get; } = new("two-variable comprehensions")
    {
        Declarations = ExtensionDeclarations.TwoVariableComprehensions,
        Macros = [.. TwoVariableMacros.All],
    };

    /// <summary><c>math.greatest math.least math.abs math.ceil math.bitAnd</c> and so on. Not in Kubernetes.</summary>
    public static CelLibrary Math { get; } = new("math")
    {
        Declarations = MathDeclarations.Math,
        Functions = MathFunctions.Declare,
        Macros = [.. MathMacros.All],
    };

    /// <summary><c>base64.encode base64.decode</c>. Not in Kubernetes.</summary>
    public static CelLibrary Encoders { get; } = new("encoders") { Declarations = EncodingDeclarations.Base64, Functions = EncoderFunctions.Declare };

    /// <summary><c>cel.bind(name, value, expression)</c>. Not in Kubernetes.</summary>
    public static CelLibrary Bindings { get; } = new("bindings") { Macros = [.. BindMacros.All] };

    /// <summary>
    /// <c>regex.replace(text, pattern, replacement[, count])</c>, where <c>\1</c> is what the first group matched, <c>regex.extract(text,
    /// pattern)</c>, an optional, and <c>regex.extractAll(text, pattern)</c>. Patterns are RE2's. Needs <see cref="Optionals"/>. Not in Kubernetes.
    /// </summary>
    public static CelLibrary Regex { get; } = new("regex")
    {
        Declarations = RegexFunctions.Declarations,
        Functions = RegexFunctions.Declare,
        CallEstimate = RegexCosts.Estimate,
    };

    /// <summary>What the conformance suite needs to write blocks of shared values; for no other use.</summary>
    internal static CelLibrary Blocks { get; } = new("blocks") { Macros = [.. BlockMacros.All] };

    private static CelLibrary StringsOf(int version) => new("strings")
    {
        Declarations = [.. ExtensionDeclarations.Strings.Where(f => StringFunctions.IntroducedIn(f.Name) <= version)],
        Functions = set => StringFunctions.Declare(set, version),
    };
}
