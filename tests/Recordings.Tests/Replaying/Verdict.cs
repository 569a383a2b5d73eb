namespace Recordings.Tests.Replaying;

/// <summary>What a conversation showed: for each compared answer where it differs, at both levels.</summary>
/// <param name="Answers">How many answers the recording has.</param>
/// <param name="Steps">Those that were compared, in order.</param>
/// <param name="Stopped">Why the conversation could not go on; null when it went to its end.</param>
internal sealed record Verdict(int Answers, IReadOnlyList<StepVerdict> Steps, string? Stopped)
{
    private const int LineLength = 240;

    /// <summary>Numbers of the steps that differ at the level <c>result</c>; 0 stands for the whole of a conversation that stopped.</summary>
    public IReadOnlyList<int> Result => Stopped is not null ? [0] : [.. Steps.Where(s => s.Result.Count > 0).Select(s => s.Number)];

    /// <summary>Numbers of the steps that differ at the level <c>exact</c>; 0 stands for the whole of a conversation that stopped.</summary>
    public IReadOnlyList<int> Exact => Stopped is not null ? [0] : [.. Steps.Where(s => s.Exact.Count > 0).Select(s => s.Number)];

    /// <summary>The first difference, of those that a client acts on if there are any; not longer than a line.</summary>
    public string First
    {
        get
        {
            var step = Steps.FirstOrDefault(s => s.Result.Count > 0) ?? Steps.FirstOrDefault(s => s.Exact.Count > 0);
            var text = Stopped ?? (step is null ? "" : $"step {step.Number} {(step.Result.Count > 0 ? step.Result : step.Exact)[0]}");
            return text.Length <= LineLength ? text : text[..LineLength] + "...";
        }
    }

    /// <summary>What a person reads.</summary>
    public override string ToString() => Stopped ?? string.Join('\n', Steps.SelectMany(s => s.Exact.Select(line => $"step {s.Number}{(s.Result.Count == 0 ? " (exact only)" : "")} {line}")));
}

/// <summary>One answer's differences, a line each.</summary>
internal sealed record StepVerdict(int Number, IReadOnlyList<string> Result, IReadOnlyList<string> Exact);
