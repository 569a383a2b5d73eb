using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Capstan.Cel.Checking;

/// <summary>
/// What the type variables of one check stand for, and which types go with which. Its work is bounded: when the bound is reached
/// <see cref="IsExhausted"/> is set and every question is answered no. Not thread-safe.
/// </summary>
internal sealed class Bindings(int maxWork)
{
    // Deeper than any type that a person wrote; variables could otherwise tie types together without end.
    private const int MaxDepth = 1000;

    private readonly List<CelType> _variables = [];
    private readonly List<CelType?> _bound = [];
    private readonly List<(int Variable, CelType? Old)> _trail = [];
    private int _work;

    public bool IsExhausted { get; private set; }

    /// <summary>A variable that nothing is known of.</summary>
    public CelType NewVariable()
    {
        _variables.Add(CelType.Parameter("T", _variables.Count));
        _bound.Add(null);
        return _variables[^1];
    }

    /// <summary>The place of the first of some new variables, for <c>Instantiate</c>.</summary>
    public int NewVariables(int count)
    {
        var first = _variables.Count;
        for (var i = 0; i < count; i++)
        {
            NewVariable();
        }

        return first;
    }

    /// <summary>Types of a signature with variables for their parameters.</summary>
    public ImmutableArray<CelType> Instantiate(ImmutableArray<CelType> types, int firstVariable)
    {
        var instances = ImmutableArray.CreateBuilder<CelType>(types.Length);
        foreach (var type in types)
        {
            instances.Add(Instantiate(type, firstVariable));
        }

        return instances.MoveToImmutable();
    }

    /// <summary>A type of a signature with variables for its parameters.</summary>
    public CelType Instantiate(CelType type, int firstVariable) =>
        !type.HasParameters ? type
        : type.Kind == CelTypeKind.Parameter ? _variables[firstVariable + type.Index]
        : type.With(Instantiate(type.Parameters, firstVariable));

    /// <summary>The type with what is known put in for its variables; dyn for those that are free, where wanted.</summary>
    public CelType Resolve(CelType type, bool freeAsDyn = false)
    {
        if (!type.HasParameters)
        {
            return type;
        }

        if (!Step())
        {
            return CelType.Dyn;
        }

        if (type.Kind == CelTypeKind.Parameter)
        {
            return _bound[type.Index] is { } bound ? Resolve(bound, freeAsDyn) : freeAsDyn ? CelType.Dyn : type;
        }

        var parameters = ImmutableArray.CreateBuilder<CelType>(type.Parameters.Length);
        foreach (var parameter in type.Parameters)
        {
            parameters.Add(Resolve(parameter, freeAsDyn));
        }

        return type.With(parameters.MoveToImmutable());
    }

    /// <summary>Whether a value of one type may stand where the other is wanted. Binds variables when it may, and nothing when not.</summary>
    public bool Unify(CelType one, CelType other) => Unify([one], [other]);

    public bool Unify(ReadOnlySpan<CelType> some, ReadOnlySpan<CelType> others)
    {
        var mark = _trail.Count;
        for (var i = 0; i < some.Length; i++)
        {
            if (!Goes(some[i], others[i]))
            {
                Undo(mark);
                return false;
            }
        }

        return true;
    }

    /// <summary>The less specific of two types that go together.</summary>
    public CelType MoreGeneral(CelType one, CelType other) => IsAsGeneral(one, other) ? one : other;

    /// <summary>Whether two types are the same, variables taken as they are.</summary>
    public bool IsSame(CelType one, CelType other)
    {
        if (ReferenceEquals(one, other))
        {
            return true;
        }

        if (!Step() || one.Kind != other.Kind || one.Name != other.Name || one.Index != other.Index
            || one.Parameters.Length != other.Parameters.Length)
        {
            return false;
        }

        for (var i = 0; i < one.Parameters.Length; i++)
        {
            if (!IsSame(one.Parameters[i], other.Parameters[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Counts a step of work; false when there was enough of it, or the stack is nearly full.</summary>
    public bool Step()
    {
        if (++_work > maxWork || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            IsExhausted = true;
        }

        return !IsExhausted;
    }

    /// <summary>Counts work done elsewhere for the same check.</summary>
    public void Work(int steps) => IsExhausted |= (_work += steps) > maxWork;

    /// <summary>Counts making a type, which must not nest without bound.</summary>
    public void Made(CelType type) => IsExhausted |= type.Depth > MaxDepth;

    private bool Goes(CelType one, CelType other)
    {
        if (!Step())
        {
            return false;
        }

        if (other.Kind == CelTypeKind.Parameter)
        {
            var isBound = _bound[other.Index] is not null;
            if (Substitutes(one, other))
            {
                return true;
            }

            if (isBound)
            {
                return false;
            }
        }

        if (one.Kind == CelTypeKind.Parameter)
        {
            return Substitutes(other, one);
        }

        if (one.IsDynOrError || other.IsDynOrError || ReferenceEquals(one, other))
        {
            return true;
        }

        if (one.Kind == CelTypeKind.Null || other.Kind == CelTypeKind.Null)
        {
            return IsNullable(one) && IsNullable(other);
        }

        one = Unwrapped(one);
        other = Unwrapped(other);
        if (one.Kind != other.Kind || one.Name != other.Name)
        {
            return false;
        }

        // All types are values of one type: comparing them is never wrong.
        if (one.Kind == CelTypeKind.Type)
        {
            return true;
        }

        if (one.Parameters.Length != other.Parameters.Length)
        {
            return false;
        }

        for (var i = 0; i < one.Parameters.Length; i++)
        {
            if (!Goes(one.Parameters[i], other.Parameters[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a type goes with what a variable stands for, or may be that from now on.</summary>
    private bool Substitutes(CelType type, CelType variable)
    {
        if (ReferenceEquals(type, variable))
        {
            return true;
        }

        if (_bound[variable.Index] is not { } bound)
        {
            return TryBind(variable, type);
        }

        if (ReferenceEquals(type, bound))
        {
            return true;
        }

        if (!Goes(type, bound))
        {
            return false;
        }

        TryBind(variable, MoreGeneral(type, bound));
        return true;
    }

    private bool TryBind(CelType variable, CelType type)
    {
        if (type.HasParameters && Occurs(variable, type))
        {
            return false;
        }

        _trail.Add((variable.Index, _bound[variable.Index]));
        _bound[variable.Index] = type;
        return true;
    }

    private bool Occurs(CelType variable, CelType type)
    {
        if (!type.HasParameters)
        {
            return false;
        }

        if (!Step() || ReferenceEquals(variable, type))
        {
            return true;
        }

        if (type.Kind == CelTypeKind.Parameter)
        {
            return _bound[type.Index] is { } bound && Occurs(variable, bound);
        }

        foreach (var parameter in type.Parameters)
        {
            if (Occurs(variable, parameter))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAsGeneral(CelType one, CelType other)
    {
        if (one.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter || ReferenceEquals(one, other))
        {
            return true;
        }

        // What may be null is more than null, and more than the same without null.
        if ((other.Kind == CelTypeKind.Null && IsNullable(one))
            || (one.Kind == CelTypeKind.Wrapper && one.Parameters[0].Kind == other.Kind))
        {
            return true;
        }

        if (!Step() || other.Kind is CelTypeKind.Dyn or CelTypeKind.Parameter || one.Kind != other.Kind || one.Name != other.Name)
        {
            return false;
        }

        if (one.Kind == CelTypeKind.Type)
        {
            return true;
        }

        for (var i = 0; i < one.Parameters.Length; i++)
        {
            if (!IsAsGeneral(one.Parameters[i], other.Parameters[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNullable(CelType type) => type.Kind
        is CelTypeKind.Null or CelTypeKind.Wrapper or CelTypeKind.Opaque or CelTypeKind.Object or CelTypeKind.Timestamp or CelTypeKind.Duration;

    private static CelType Unwrapped(CelType type) => type.Kind == CelTypeKind.Wrapper ? type.Parameters[0] : type;

    private void Undo(int mark)
    {
        for (var i = _trail.Count - 1; i >= mark; i--)
        {
            _bound[_trail[i].Variable] = _trail[i].Old;
        }

        _trail.RemoveRange(mark, _trail.Count - mark);
    }
}
