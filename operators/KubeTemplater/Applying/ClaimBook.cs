using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Capstan;
using Capstan.Caching;
using KubeTemplater.Policies;
using KubeTemplater.Resources;
using KubeTemplater.Templating;

namespace KubeTemplater.Applying;

/// <summary>Knows which templates name which objects, and who of several keeps one: the oldest, and of those made in the same second the first by namespace and name.</summary>
/// <remarks>
/// <para>Thread-safe. Asks the cache of templates alone, so a claim that nobody contests costs no call.</para>
/// <para>A template claims what it made, and what the policy of its namespace allows it: naming an object in another team's namespace keeps nobody from it.</para>
/// </remarks>
internal sealed class ClaimBook
{
    private const string ByClaim = "claims";
    private readonly ObjectCache<DynamicObject> _templates;
    private readonly TemplateJudge _judge;
    private readonly Discovery _discovery;

    /// <summary>Reads from the informer's cache, and adds the index to it; so this comes before the informer starts.</summary>
    public ClaimBook(Informer templates, TemplateJudge judge, Discovery discovery)
    {
        templates.AddIndex(ByClaim, template => TemplateText.ObjectsOf(template).SelectMany(named => (string[])[Placed(named.Kind, named.Key), Named(named.Kind, named.Key)]));
        _templates = templates.Cache;
        (_judge, _discovery) = (judge, discovery);
    }

    /// <summary>The entries of a template that an older one keeps, each with why.</summary>
    public async ValueTask<IReadOnlyDictionary<Manifest, TemplateException>> ContestedAsync(
        KubeTemplate template, IReadOnlyList<Manifest> manifests, CancellationToken cancellationToken)
    {
        var contested = new Dictionary<Manifest, TemplateException>(ReferenceEqualityComparer.Instance);
        foreach (var manifest in manifests)
        {
            if (await HolderAsync(template, manifest.Identity, other => IsOlder(other, template), cancellationToken) is { } elder)
            {
                contested[manifest] = new(FailureReasons.ClaimedByAnother, $"{manifest}: KubeTemplate {elder} names it too, and is older");
            }
        }

        return contested;
    }

    /// <summary>The templates that name an object.</summary>
    public IEnumerable<ObjectKey> Claimants(ObjectIdentity identity) =>
        _templates.ByIndex(ByClaim, Claim(identity))
            .Where(candidate => Names(candidate, identity))
            .Select(candidate => candidate.Key);

    /// <summary>Another template to which an object may be left that this one lets go; null if it is nobody's.</summary>
    public ValueTask<ObjectKey?> HeirAsync(KubeTemplate template, ObjectIdentity identity, CancellationToken cancellationToken) =>
        HolderAsync(template, identity, _ => true, cancellationToken);

    /// <summary>The other templates that a change of one concerns: those that name an object which it named before and names no more, or the other way round.</summary>
    public IEnumerable<ObjectKey> Concerned(DynamicObject? old, DynamicObject? current)
    {
        // Nobody but itself is there; a deleted one is there no more.
        if (_templates.Count < (current is null ? 1 : 2) || (old is not null && current is not null && old.Generation == current.Generation && old.Uid == current.Uid))
        {
            return [];
        }

        var before = Claims(old).ToHashSet(StringComparer.Ordinal);
        if (old?.Uid == current?.Uid)
        {
            before.SymmetricExceptWith(Claims(current).ToHashSet(StringComparer.Ordinal));
        }
        else
        {
            before.UnionWith(Claims(current));
        }

        var self = (current ?? old)!.Key;
        return [.. before.SelectMany(claim => _templates.ByIndex(ByClaim, claim)).Select(other => other.Key).Where(key => key != self).Distinct()];
    }

    private async ValueTask<ObjectKey?> HolderAsync(KubeTemplate template, ObjectIdentity identity, Func<KubeTemplate, bool> mayBe, CancellationToken cancellationToken)
    {
        foreach (var candidate in _templates.ByIndex(ByClaim, Claim(identity)))
        {
            if (candidate.Uid == template.Metadata.Uid || candidate.Key == template.Key || !Names(candidate, identity))
            {
                continue;
            }

            var other = candidate.To<KubeTemplate>();
            if (!IsGoing(other) && mayBe(other) && await HoldsAsync(other, identity, cancellationToken))
            {
                return other.Key;
            }
        }

        return null;
    }

    private async ValueTask<bool> HoldsAsync(KubeTemplate other, ObjectIdentity identity, CancellationToken cancellationToken)
    {
        if (other.Status?.Resources?.Any(made => made.Uid is not null && ObjectIdentity.Of(made) == identity) == true)
        {
            return true;
        }

        try
        {
            return (await _judge.JudgeAsync(other, old: null, cancellationToken)).Faults.Count == 0;
        }
        catch (TemplateException)
        {
            return false;
        }
    }

    /// <summary>Whether it will be gone at once, or is gone and the watch has yet to tell.</summary>
    private static bool IsGoing(KubeTemplate template) => template.Metadata is { DeletionTimestamp: not null, Finalizers: null or { Count: 0 } };

    /// <summary>Whether it names the object: claims that are alike may be of others.</summary>
    private static bool Names(DynamicObject template, in ObjectIdentity identity)
    {
        foreach (var (kind, key) in TemplateText.ObjectsOf(template))
        {
            if (kind.Group == identity.Group && kind.Kind == identity.Kind && key.Name == identity.Name && (identity.Namespace.Length == 0 || key.Namespace == identity.Namespace))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOlder(KubeTemplate one, KubeTemplate other)
    {
        var (first, second) = (one.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue, other.Metadata.CreationTimestamp ?? DateTimeOffset.MaxValue);
        return first != second ? first < second : one.Key < other.Key;
    }

    private IEnumerable<string> Claims(DynamicObject? template) => template is null
        ? []
        : TemplateText.ObjectsOf(template).Select(named => _discovery.Known(named.Kind) is { Namespaced: true } ? Placed(named.Kind, named.Key) : Named(named.Kind, named.Key));

    /// <summary>Four characters that stand for an object in this process: of two that are alike by chance each is looked at, and told from the other.</summary>
    private static string Claim(in ObjectIdentity identity) => string.Create(4, identity, static (text, named) =>
    {
        BinaryPrimitives.WriteInt32LittleEndian(MemoryMarshal.AsBytes(text), named.Name.GetHashCode(StringComparison.Ordinal));
        BinaryPrimitives.WriteInt32LittleEndian(MemoryMarshal.AsBytes(text)[4..], HashCode.Combine(named.Group, named.Kind, named.Namespace));
    });

    // Both are kept of each entry, since whether its kind has a namespace may be known only when the claim is looked for: objects of one name in many namespaces
    // must not be candidates for each other.
    private static string Placed(in GroupVersionKind kind, in ObjectKey key) => Claim(new(kind.Group, kind.Kind, key.Namespace, key.Name));

    private static string Named(in GroupVersionKind kind, in ObjectKey key) => Claim(new(kind.Group, kind.Kind, "", key.Name));
}
