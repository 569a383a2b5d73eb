namespace Capstan.Cel.Evaluation;

/// <summary>What one evaluation works with. Used by one thread at a time, and again by the next evaluation of the program.</summary>
internal sealed class Frame(int slots)
{
    /// <summary>Iterations between two looks at the token and the budget, as in cel-go.</summary>
    public const int CheckInterval = 100;

    /// <summary>Variables, then the variables of comprehensions.</summary>
    public CelValue[] Slots { get; } = new CelValue[slots];

    /// <summary>The error of the bool that was last evaluated, where that was an error.</summary>
    public CelValue Error;

    private CancellationToken _cancellation;
    private long _maxSteps;
    private long _steps;
    private CelValue _abort;

    /// <summary>Whether the evaluation was given up; its result is then no result whatever absorbed the error.</summary>
    public bool IsAborted => _abort.IsError;

    public CelValue Abort => _abort;

    public void Begin(ReadOnlySpan<CelValue> variables, CancellationToken cancellation, long maxSteps)
    {
        variables.CopyTo(Slots);
        _cancellation = cancellation;
        _maxSteps = maxSteps;
        _steps = 0;
        _abort = default;
    }

    public void End()
    {
        Array.Clear(Slots);
        Error = default;
        _cancellation = default;
    }

    /// <summary>Counts an iteration. False: stop.</summary>
    public bool Step() => (++_steps % CheckInterval != 0 || Check()) && !IsAborted;

    private bool Check()
    {
        if (_cancellation.IsCancellationRequested)
        {
            _abort = CelValue.Error(EvalErrorKind.Cancelled);
        }
        else if (_steps > _maxSteps)
        {
            _abort = CelValue.Error(EvalErrorKind.TooManySteps);
        }

        return !IsAborted;
    }
}
