using System.Collections.Immutable;
using Capstan.Cel.Checking;
using Capstan.Cel.Library;

namespace Capstan.Cel.Kubernetes.Library;

/// <summary>Semantic versions. Equal are those of equal precedence: build metadata does not count.</summary>
internal static class SemverFunctions
{
    /// <summary>The first version of the library, which takes strict versions only.</summary>
    public static ImmutableArray<FunctionDeclaration> StrictDeclarations { get; } = SignatureReader.Functions(
        """
        semver
          string_to_semver (string) -> kubernetes.Semver
        isSemver
          is_semver_string (string) -> bool
        isGreaterThan
          semver_is_greater_than kubernetes.Semver.(kubernetes.Semver) -> bool
        isLessThan
          semver_is_less_than kubernetes.Semver.(kubernetes.Semver) -> bool
        compareTo
          semver_compare_to kubernetes.Semver.(kubernetes.Semver) -> int
        major
          semver_major kubernetes.Semver.() -> int
        minor
          semver_minor kubernetes.Semver.() -> int
        patch
          semver_patch kubernetes.Semver.() -> int
        """);

    /// <summary>As Kubernetes has it since 1.33: lax versions too.</summary>
    public static ImmutableArray<FunctionDeclaration> Declarations { get; } =
    [
        .. StrictDeclarations,
        .. SignatureReader.Functions(
            """
            semver
              string_bool_to_semver (string, bool) -> kubernetes.Semver
            isSemver
              is_semver_string_bool (string, bool) -> bool
            """),
    ];

    public static void Declare(FunctionSet set)
    {
        set.OfText("semver", text => Parse(text, normalize: false));
        set.OfText("isSemver", text => IsVersion(text, normalize: false));
        set.Global("semver", 2, a => a is [{ Kind: CelKind.String }, { Kind: CelKind.Bool }]
            ? Parse(a[0].String, a[1].Bool) : FunctionSet.NoOverload("semver"));
        set.Global("isSemver", 2, a => a is [{ Kind: CelKind.String }, { Kind: CelKind.Bool }]
            ? IsVersion(a[0].String, a[1].Bool) : FunctionSet.NoOverload("isSemver"));
        set.OfTwo<SemverValue>("isGreaterThan", (x, y) => CelValue.Of(x.Version > y.Version));
        set.OfTwo<SemverValue>("isLessThan", (x, y) => CelValue.Of(x.Version < y.Version));
        set.OfTwo<SemverValue>("compareTo", (x, y) => CelValue.Of((long)x.Version.CompareTo(y.Version)));

        // Numbers beyond 2^63-1 wrap in Kubernetes, so they do here.
        set.Of<SemverValue>("major", v => CelValue.Of(unchecked((long)v.Version.Major)));
        set.Of<SemverValue>("minor", v => CelValue.Of(unchecked((long)v.Version.Minor)));
        set.Of<SemverValue>("patch", v => CelValue.Of(unchecked((long)v.Version.Patch)));
    }

    private static CelValue Parse(string text, bool normalize) =>
        SemanticVersion.TryParse(text, normalize, out var version, out var error) ? CelValue.Of(new SemverValue(version!)) : CelValue.Failure(error!);

    private static CelValue IsVersion(string text, bool normalize) => CelValue.Of(SemanticVersion.TryParse(text, normalize, out _, out _));
}

/// <summary>A version as a value of CEL.</summary>
internal sealed record SemverValue(SemanticVersion Version) : ICelObject
{
    public string TypeName => "kubernetes.Semver";

    public override string ToString() => Version.ToString();
}
