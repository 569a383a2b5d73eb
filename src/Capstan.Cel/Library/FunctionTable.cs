using System.Collections.Frozen;
using Capstan.Cel.Evaluation;

namespace Capstan.Cel.Library;

/// <summary>The functions and types of an environment. Immutable.</summary>
internal sealed class FunctionTable
{
    private readonly FrozenDictionary<(string Name, int Arguments, bool IsMember), CelFunction> _functions;
    private readonly FrozenSet<string> _types;

    private FunctionTable(FunctionSet set, bool isSpecification)
    {
        _functions = set.Functions.ToFrozenDictionary();
        _types = set.Types.ToFrozenSet(StringComparer.Ordinal);
        IsSpecification = isSpecification;
        HasOptionals = Find("optional.none", 0, false) is not null;
    }

    /// <summary>What the conformance suite of the specification needs.</summary>
    public static FunctionTable Specification { get; } = Of(true, SpecificationSet);

    /// <summary>What Kubernetes 1.36 has of the general libraries; its own are added by Capstan.Cel.Kubernetes.</summary>
    public static FunctionTable Kubernetes { get; } = Of(false, KubernetesSet);

    /// <summary>The dialect: the specification's, or Kubernetes'.</summary>
    public bool IsSpecification { get; }

    public bool HasOptionals { get; }

    /// <summary>A table of what each of <paramref name="libraries"/> adds.</summary>
    public static FunctionTable Of(bool isSpecification, params Action<FunctionSet>[] libraries)
    {
        var set = new FunctionSet();
        foreach (var library in libraries)
        {
            library(set);
        }

        return new(set, isSpecification);
    }

    /// <summary>What the suite needs of the general libraries, for a table with more besides.</summary>
    public static void SpecificationSet(FunctionSet set)
    {
        Standard(true)(set);
        OptionalFunctions.Declare(set);
        StringFunctions.Declare(set, specification: true);
        ListFunctions.Declare(set);
        SetFunctions.Declare(set);
        EncoderFunctions.Declare(set);
        MathFunctions.Declare(set);
    }

    /// <summary>What Kubernetes has of the general libraries, for a table with its own besides.</summary>
    public static void KubernetesSet(FunctionSet set)
    {
        Standard(false)(set);
        OptionalFunctions.Declare(set);
        StringFunctions.Declare(set, specification: false);
        ListFunctions.Declare(set);
        SetFunctions.Declare(set);
    }

    /// <summary>A function by name and number of arguments, the receiver not counted.</summary>
    public CelFunction? Find(string name, int arguments, bool isMember) => _functions.GetValueOrDefault((name, arguments, isMember));

    public bool IsType(string name) => _types.Contains(name);

    private static Action<FunctionSet> Standard(bool specification) => set =>
    {
        Arithmetic.Declare(set);
        Conversions.Declare(set, specification);
        StandardFunctions.Declare(set);
        TimeFunctions.Declare(set, specification);
    };
}
