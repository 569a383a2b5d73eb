namespace Recordings.Tests.Differing;

/// <summary>How an area stands, and what it may never be worse than again.</summary>
internal sealed record AreaFigures
{
    /// <summary>How many conversations were recorded.</summary>
    public required int Conversations { get; init; }

    /// <summary>How many answers they have.</summary>
    public required int Answers { get; init; }

    /// <summary>How many conversations may differ at the level <c>result</c>; this number only falls.</summary>
    public required int MayDiffer { get; init; }

    /// <summary>How many answers may differ at the level <c>exact</c>; this number only falls.</summary>
    public required int AnswersMayDiffer { get; init; }
}
