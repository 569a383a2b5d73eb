namespace Capstan.Schemas;

/// <summary>Faults found so far, each once, and how many checks were made: of alternatives that all fail, the one that got furthest is told.</summary>
internal sealed class Findings
{
    private readonly HashSet<FieldError> _known = [];

    public List<FieldError> Errors { get; } = [];

    public int Checks { get; set; }

    public bool IsValid => Errors.Count == 0;

    public void Add(FieldError error)
    {
        if (_known.Add(error))
        {
            Errors.Add(error);
        }
    }

    /// <summary>A fault of the value as a whole, which Kubernetes tells without a field.</summary>
    public void AddUnplaced(string message) => Add(FieldErrors.Invalid("<nil>", "", message));

    public void Merge(Findings other)
    {
        other.Errors.ForEach(Add);
        Checks += other.Checks;
    }
}
