using Capstan.Cel.Syntax;

namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>The values of a set of variables for one input, each made when it is first asked for. Of one thread.</summary>
internal sealed class VariableValues : CelMap
{
    // As many nodes upon each other as one expression may have: whoever asks for a variable is still on the stack while it is evaluated.
    private static readonly int MostNodes = SyntaxOptions.Kubernetes.MaxHeight;

    private readonly VariableSet _set;
    private readonly CelValue[] _inputs;
    private readonly CelValue[] _values;
    private int _nodes;
    private CelLimits _limits;
    private ulong _budget;

    /// <param name="set">The variables.</param>
    /// <param name="inputs">The values of the set's inputs.</param>
    public VariableValues(VariableSet set, ReadOnlySpan<CelValue> inputs)
    {
        _set = set;
        _inputs = new CelValue[set.Inputs.Length + 1];
        inputs.CopyTo(_inputs);
        _inputs[^1] = CelValue.Of(this);
        _values = new CelValue[set.Expressions.Length];
    }

    /// <summary>What variables cost since the last <see cref="Evaluate"/> began.</summary>
    public ulong Cost { get; private set; }

    public override int Count => _values.Length;

    /// <summary>Evaluates an expression that may use the variables; what they cost is in <see cref="Cost"/> and not in the result.</summary>
    /// <param name="program">Of the environment of the set.</param>
    /// <param name="limits">Of the expression, and of each variable.</param>
    /// <param name="budget">What all of them may cost together. Above it no further variable is evaluated.</param>
    public CelEvaluation Evaluate(CelProgram program, in CelLimits limits, ulong budget)
    {
        Cost = 0;
        _limits = limits;
        _budget = budget;
        _nodes = program.Height;
        return program.Evaluate(_inputs, limits);
    }

    public override (CelValue Key, CelValue Value) Entry(int index) => (CelValue.Of(_set.Expressions[index].Source.Name), ValueAt(index));

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        var place = key.Kind == CelKind.String ? _set.Place(key.String) : null;
        value = place is { } index ? ValueAt(index) : default;
        return place is not null;
    }

    private CelValue ValueAt(int index)
    {
        if (_values[index].Kind == CelKind.None)
        {
            _values[index] = Make(_set.Expressions[index]);
        }

        return _values[index];
    }

    private CelValue Make(CompiledExpression variable)
    {
        if (variable.Program is not { } program)
        {
            return CelValue.Failure($"composited variable \"{variable.Source.Name}\" fails to compile: {variable.Error}");
        }

        if (Cost > _budget)
        {
            return CelValue.Failure("operation cancelled: actual cost limit exceeded");
        }

        if (_nodes + program.Height > MostNodes)
        {
            return CelValue.Failure($"composited variable \"{variable.Source.Name}\" fails to evaluate: too many variables rest upon each other");
        }

        _nodes += program.Height;
        var (value, cost) = program.Evaluate(_inputs, _limits);
        _nodes -= program.Height;
        Cost = Cost > ulong.MaxValue - cost ? ulong.MaxValue : Cost + cost;
        return value.IsError
            ? CelValue.Failure($"composited variable \"{variable.Source.Name}\" fails to evaluate: {value.ErrorMessage}")
            : value;
    }
}
