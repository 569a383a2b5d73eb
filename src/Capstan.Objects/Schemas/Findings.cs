namespace Capstan.Schemas;

/// <summary>Faults found so far, each once, and how many checks were made: of alternatives that all fail, the one that got furthest is told.</summary>
internal sealed class Findings(int depth = 0)
{
    // Paths grow with the depth, and so does the stack: no honest value comes near.
    private const int MaxDepth = 500;

    private readonly HashSet<FieldError> _known = [];

    public List<FieldError> Errors { get; } = [];

    public int Checks { get; set; }

    /// <summary>How many values deep the check stands; alternatives start where their value stands.</summary>
    public int Depth { get; private set; } = depth;

    /// <summary>Whether a value was left unchecked because of its depth.</summary>
    public bool IsCutOff { get; private set; }

    public bool IsValid => Errors.Count == 0;

    public void Add(FieldError error)
    {
        if (_known.Add(error))
        {
            Errors.Add(error);
        }
    }

    /// <summary>Goes one value deeper; false, with a fault, when that is too deep. To be followed by <see cref="Leave"/> when true.</summary>
    public bool TryEnter(string path)
    {
        if (Depth == MaxDepth)
        {
            IsCutOff = true;
            Add(FieldErrors.Invalid(path, "", $"must not be nested deeper than {MaxDepth} levels"));
            return false;
        }

        Depth++;
        return true;
    }

    public void Leave() => Depth--;

    /// <summary>A fault of the value as a whole, which Kubernetes tells without a field.</summary>
    public void AddUnplaced(string message) => Add(FieldErrors.Invalid("<nil>", "", message));

    public void Merge(Findings other)
    {
        other.Errors.ForEach(Add);
        Checks += other.Checks;
        IsCutOff |= other.IsCutOff;
    }
}
