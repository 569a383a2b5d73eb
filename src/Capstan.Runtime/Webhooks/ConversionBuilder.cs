using System.Text.Json.Nodes;
using Capstan.Webhooks;

namespace Capstan;

/// <summary>What a conversion webhook can make of what. Set up once, in <see cref="OperatorBuilder.AddConversionWebhook"/>.</summary>
/// <remarks>
/// <para>Versions need not all be joined with each other: one that all others are joined with is enough, and a conversion goes by as few steps as there are.</para>
/// <para>Contract of a conversion: pure, and without loss. What one version has and another has no field for is kept in an annotation, and found there on the way
/// back. Of the metadata it may change labels and annotations; the rest stays whatever it says, but another name, namespace or uid is an error. If it leaves metadata empty, all
/// of it stays. It is called for several objects at the same time, and by every replica.</para>
/// <para>It must not read caches: the API server may need it to answer the very list that fills them.</para>
/// </remarks>
public sealed class ConversionBuilder
{
    private readonly List<ConversionStep> _steps = [];

    internal ConversionBuilder()
    {
    }

    internal ConversionPaths Paths => new(_steps);

    /// <summary>Joins two versions of a typed kind.</summary>
    /// <param name="there">Makes an object of the other version. What it throws fails the whole review, and names the object.</param>
    /// <param name="back">The way back.</param>
    /// <exception cref="ArgumentException">The two are not versions of one kind, or are joined already.</exception>
    public void Between<TOne, TOther>(Func<TOne, TOther> there, Func<TOther, TOne> back)
        where TOne : KubeObject, IKubeObject<TOne>
        where TOther : KubeObject, IKubeObject<TOther> =>
        Join(
            TOne.Resource.GroupVersionKind,
            TOther.Resource.GroupVersionKind,
            one => DynamicObject.From(there(one.To<TOne>())).ToJson(),
            other => DynamicObject.From(back(other.To<TOther>())).ToJson());

    /// <summary>As the other, over JSON: what the delegates do not touch stays as it came.</summary>
    /// <param name="one">A version of a kind.</param>
    /// <param name="other">Another version of the same kind.</param>
    /// <param name="there">Makes an object of the other version; may change the one that it gets and give that.</param>
    /// <param name="back">The way back.</param>
    /// <exception cref="ArgumentException">The two are not versions of one kind, or are joined already.</exception>
    public void Between(GroupVersionKind one, GroupVersionKind other, Func<JsonObject, JsonObject> there, Func<JsonObject, JsonObject> back) =>
        Join(one, other, value => there(value.ToJson()), value => back(value.ToJson()));

    private void Join(GroupVersionKind one, GroupVersionKind other, Func<DynamicObject, JsonObject> there, Func<DynamicObject, JsonObject> back)
    {
        if (one.Group != other.Group || one.Kind != other.Kind || one.Version == other.Version)
        {
            throw new ArgumentException($"{one} and {other} are not two versions of one kind");
        }

        if (_steps.Any(step => step.From == one && step.To == other))
        {
            throw new ArgumentException($"{one} and {other} are joined already");
        }

        _steps.Add(new(one, other, there));
        _steps.Add(new(other, one, back));
    }
}
