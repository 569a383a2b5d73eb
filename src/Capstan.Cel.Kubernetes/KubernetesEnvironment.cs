using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Capstan.Cel.Kubernetes;

/// <summary>What expressions may use in a version of Kubernetes: libraries and options, no variables yet.</summary>
/// <remarks>
/// From the start: url, regex, lists of Kubernetes' own, the authorizer's functions, strings, literals of one type. 1.28: optionals, order between numbers of different types,
/// quantity. 1.29: literal times, durations and patterns are tried when compiled; <c>format</c> and <c>quote</c> of strings; sets. 1.30: ip and
/// cidr. 1.31: format, selectors for the authorizer. 1.32: comprehensions of two variables. 1.33: semver. 1.34: the general lists library. Patches of mutating
/// policies are not there.
/// </remarks>
public static class KubernetesEnvironment
{
    private static readonly ImmutableArray<(int Minor, CelLibrary Library)> Introduced =
    [
        (0, KubernetesLibraries.Url), (0, KubernetesLibraries.Regex), (0, KubernetesLibraries.Lists),
        (0, KubernetesLibraries.Authorizer),
        (28, CelLibraries.CrossTypeNumbers), (28, CelLibraries.Optionals), (28, KubernetesLibraries.Quantity),
        (29, CelLibraries.Sets),
        (30, KubernetesLibraries.IP), (30, KubernetesLibraries.Cidr),
        (31, KubernetesLibraries.Format), (31, KubernetesLibraries.AuthorizerSelectors),
        (32, CelLibraries.TwoVariableComprehensions),
        (33, KubernetesLibraries.Semver),
        (34, CelLibraries.Lists),
    ];

    private static readonly ConcurrentDictionary<int, CelEnvironment> Known = new();

    /// <summary>That of Kubernetes 1.36, for expressions written now.</summary>
    public static CelEnvironment Default { get; } = Of(1, 36);

    /// <summary>That of a version. The same instance each time. Versions after 1.34 are alike so far.</summary>
    /// <param name="major">1.</param>
    /// <param name="minor">The minor version: 0 or more.</param>
    /// <param name="mode">Default <see cref="CelExpressionsMode.New"/>; for stored ones the version makes no difference.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such version.</exception>
    public static CelEnvironment Of(int major, int minor, CelExpressionsMode mode = CelExpressionsMode.New)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(major, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(minor);
        var latest = Introduced[^1].Minor;
        return Known.GetOrAdd(mode == CelExpressionsMode.Stored ? latest : Math.Min(minor, latest), Create);
    }

    private static CelEnvironment Create(int minor) => CelEnvironment.Create()
        .WithChecking(options => options with { LiteralArguments = minor >= 29 })
        .With(minor >= 29 ? CelLibraries.StringsUpTo2 : CelLibraries.StringsUpTo0)
        .With([.. Introduced.Where(i => i.Minor <= minor).Select(i => i.Library)]);
}
