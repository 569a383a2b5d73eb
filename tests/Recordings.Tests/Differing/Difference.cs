using System.Text.Json.Serialization;
using Recordings.Tests.Replaying;

namespace Recordings.Tests.Differing;

/// <summary>A conversation that is not answered as Kubernetes answers it: which steps, and why.</summary>
internal sealed record Difference
{
    /// <summary>Begins a reason that nobody wrote: it is the first difference that was seen.</summary>
    public const string Seen = "seen: ";

    /// <summary>Why, for people.</summary>
    public required string Reason { get; init; }

    /// <summary>How many answers the recording has.</summary>
    public required int Answers { get; init; }

    /// <summary>Steps that differ in what a client acts on; 0 alone: the conversation does not come to its end.</summary>
    public IReadOnlyList<int> Result { get; init; } = [];

    /// <summary>Steps that differ at all; 0 alone: the conversation does not come to its end.</summary>
    public IReadOnlyList<int> Exact { get; init; } = [];

    /// <summary>Whether the reason is only what was seen, to be told anew when something else is.</summary>
    [JsonIgnore]
    public bool IsSeenOnly => Reason.Length == 0 || Reason.StartsWith(Seen, StringComparison.Ordinal);

    /// <summary>Whether the conversation differs at the level <c>result</c>.</summary>
    [JsonIgnore]
    public bool IsOfResult => Result.Count > 0;

    /// <summary>How many answers differ at the level <c>exact</c>.</summary>
    [JsonIgnore]
    public int AnswersDiffering => Exact is [0] ? Answers : Exact.Count;

    /// <summary>What is wrong with this entry, given what was seen; null when it is right.</summary>
    public string? Contradicts(Verdict seen)
    {
        List<string> wrong = [];
        Compare("result", Result, seen.Result, wrong);
        Compare("exact", Exact, seen.Exact, wrong);
        return wrong.Count == 0 ? null : string.Join('\n', wrong);
    }

    private static void Compare(string level, IReadOnlyList<int> listed, IReadOnlyList<int> seen, List<string> wrong)
    {
        if (seen.Except(listed).ToList() is { Count: > 0 } more)
        {
            wrong.Add($"differs at level {level} in steps that are not in the list: {string.Join(", ", more)}");
        }

        if (listed.Except(seen).ToList() is { Count: > 0 } fewer)
        {
            wrong.Add($"does not differ any more at level {level} in steps {string.Join(", ", fewer)}: take them off the list");
        }
    }
}
