using System.Runtime.CompilerServices;

namespace Capstan.Cel.Evaluation;

/// <summary>
/// What one evaluation works with, and what it has cost. Used by one thread at a time, and again by the next evaluation of the program.
/// </summary>
internal sealed class Frame(int slots)
{
    /// <summary>Iterations between two looks at the token, as in cel-go.</summary>
    private const int CheckInterval = 100;

    // Costs are cel-go's, and some of its operations work much for little or nothing: comparing nested lists costs 1. Work is bounded
    // besides, so wide that no expression meets it that does not mean to.
    private const ulong WorkOfUnit = 16;
    private const ulong FreeWork = 1 << 20;

    /// <summary>The error of the bool that was last evaluated, where that was an error.</summary>
    public CelValue Error;

    private CancellationToken _cancellation;
    private ulong _cost;
    private ulong _limit = ulong.MaxValue;
    private ulong _work;
    private ulong _maxWork = ulong.MaxValue;
    private int _iterations = CheckInterval;
    private CelValue _abort;

    /// <summary>Variables, then the variables of comprehensions.</summary>
    public CelValue[] Slots { get; } = new CelValue[slots];

    /// <summary>What was charged; no more when the evaluation was given up.</summary>
    public ulong Cost => _cost;

    /// <summary>Whether the evaluation was given up; its result is then no result whatever absorbed the error.</summary>
    public bool IsAborted => _abort.IsError;

    public CelValue Abort => _abort;

    public void Begin(ReadOnlySpan<CelValue> variables, CancellationToken cancellation, ulong? limit)
    {
        variables.CopyTo(Slots);
        _cancellation = cancellation;
        _cost = 0;
        _limit = limit ?? ulong.MaxValue;
        _work = 0;
        _maxWork = limit < (ulong.MaxValue - FreeWork) / WorkOfUnit ? (limit.Value * WorkOfUnit) + FreeWork : ulong.MaxValue;
        _iterations = CheckInterval;
        _abort = default;
    }

    public void End()
    {
        Array.Clear(Slots);
        Error = default;
        _cancellation = default;
    }

    /// <summary>Adds to the cost. Above the limit the evaluation is given up: loops end, and functions are not called any more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Charge(ulong units)
    {
        _cost += units;
        if (_cost > _limit)
        {
            Exceed(units);
        }
    }

    /// <summary>Takes units back, but not more than were charged.</summary>
    public void Refund(ulong units) => _cost -= IsAborted ? 0 : Math.Min(units, _cost);

    /// <summary>Whether a cost to come is within the limit; else the evaluation is given up, charged with it.</summary>
    public bool Affords(ulong units)
    {
        if (units > _limit - Math.Min(_cost, _limit))
        {
            Charge(units);
        }

        return !IsAborted;
    }

    /// <summary>Counts work that is not in the cost. False: stop.</summary>
    public bool Work(ulong amount)
    {
        _work += amount;
        if (_work > _maxWork || _work < amount)
        {
            GiveUp(EvalErrorKind.CostLimitExceeded);
        }

        return !IsAborted;
    }

    /// <summary>Counts an iteration. False: stop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Step() => --_iterations > 0 ? !IsAborted : Look();

    private bool Look()
    {
        _iterations = CheckInterval;
        if (_cancellation.IsCancellationRequested)
        {
            GiveUp(EvalErrorKind.Cancelled);
        }

        return Work(CheckInterval);
    }

    private void Exceed(ulong units)
    {
        if (IsAborted)
        {
            _cost -= units;
        }
        else
        {
            GiveUp(EvalErrorKind.CostLimitExceeded);
        }
    }

    private void GiveUp(EvalErrorKind kind)
    {
        if (!IsAborted)
        {
            _abort = CelValue.Error(kind);

            // Whatever is charged from now on is taken back.
            _limit = 0;
        }
    }
}
