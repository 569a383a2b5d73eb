using System.Runtime.CompilerServices;

namespace Capstan.Cel.Evaluation;

/// <summary>What one evaluation works with, and what it has cost. Used by one thread, and again by its next evaluation of any program.</summary>
internal sealed class Frame
{
    private const int FewSlots = 16;

    /// <summary>Slots above which the memory is not kept.</summary>
    private const int LargestKept = 1024;

    /// <summary>Iterations between two looks at the token, as in cel-go.</summary>
    private const int CheckInterval = 100;

    // Costs are cel-go's, and some of its operations work much for little or nothing: comparing nested lists costs 1. Work is bounded
    // besides, so wide that no expression meets it that does not mean to.
    private const ulong WorkOfUnit = 16;
    private const ulong FreeWork = 1 << 20;

    // Without a limit of cost a single operation is bounded all the same: nobody could interrupt it.
    private const ulong MaxWorkAtOnce = 1 << 26;

    // A function or a lazy value may evaluate another program meanwhile: that one takes the next.
    [ThreadStatic]
    private static Frame? _first;

    /// <summary>The error of the bool that was last evaluated, where that was an error.</summary>
    public CelValue Error;

    private CancellationToken _cancellation;
    private ulong _cost;
    private ulong _limit = ulong.MaxValue;
    private ulong _work;
    private int _iterations = CheckInterval;
    private CelValue _abort;
    private Frame? _next;
    private bool _isBusy;

    public Frame(int slots) => Slots = new CelValue[slots];

    /// <summary>The variables that the program reads, and those of its comprehensions; more than it asked for.</summary>
    public CelValue[] Slots { get; private set; }

    /// <summary>What was charged; no more when the evaluation was given up.</summary>
    public ulong Cost => _cost;

    /// <summary>Whether the evaluation was given up; its result is then no result whatever absorbed the error.</summary>
    public bool IsAborted => _abort.IsError;

    public CelValue Abort => _abort;

    private ulong MaxWork => _limit < (ulong.MaxValue - FreeWork) / WorkOfUnit ? (_limit * WorkOfUnit) + FreeWork : ulong.MaxValue;

    /// <summary>A frame of this thread, its slots empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Frame Rent(int slots, in CelLimits limits)
    {
        var frame = _first ??= new(FewSlots);
        while (frame._isBusy)
        {
            frame = frame._next ??= new(FewSlots);
        }

        if (frame.Slots.Length < slots)
        {
            frame.Slots = new CelValue[slots];
        }

        frame.Begin(limits);
        return frame;
    }

    /// <summary>Gives the frame back; of what was evaluated nothing stays alive.</summary>
    public void Return(int slots)
    {
        var used = Slots;
        for (var i = 0; i < slots; i++)
        {
            used[i] = default;
        }

        if (used.Length > LargestKept)
        {
            Slots = new CelValue[FewSlots];
        }

        if (_cancellation.CanBeCanceled)
        {
            _cancellation = default;
        }

        Error = default;
        _isBusy = false;
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
        if (_work > MaxWork || amount > MaxWorkAtOnce)
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Begin(in CelLimits limits)
    {
        _isBusy = true;
        if (limits.Cancellation.CanBeCanceled)
        {
            _cancellation = limits.Cancellation;
        }

        _limit = limits.Cost ?? ulong.MaxValue;
        _cost = 0;
        _work = 0;
        _iterations = CheckInterval;
        if (_abort.IsError)
        {
            _abort = default;
        }
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
