using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Recordings.Tests.Recorded;

namespace Recordings.Tests.Differing;

/// <summary>The committed list of what differs, and why.</summary>
internal sealed partial record DifferenceList
{
    /// <summary>Set to 1, the tests write the list and the figures of the page as they are seen; counts that may only fall stay where they are.</summary>
    public const string AcceptVariable = "CAPSTAN_ACCEPT_RECORDINGS";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true, IndentSize = 2, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string File { get; } = Path.Combine(RecordingFolder.Repository, "tests", "Recordings.Tests", "Differing", "differing.json");

    public static bool IsAccepting { get; } = Environment.GetEnvironmentVariable(AcceptVariable) == "1";

    /// <summary>By the name of the area.</summary>
    public SortedDictionary<string, AreaFigures> Areas { get; init; } = new(StringComparer.Ordinal);

    /// <summary>By the name of the conversation.</summary>
    public SortedDictionary<string, Difference> Differ { get; init; } = new(StringComparer.Ordinal);

    public static DifferenceList Read() => System.IO.File.Exists(File)
        ? JsonSerializer.Deserialize<DifferenceList>(System.IO.File.ReadAllText(File), Format)!
        : new DifferenceList();

    /// <summary>The entries of an area.</summary>
    public IEnumerable<Difference> Of(string area) => Differ.Where(entry => entry.Key.StartsWith(area + "/", StringComparison.Ordinal)).Select(entry => entry.Value);

    /// <summary>How many conversations of an area differ at the level <c>result</c>.</summary>
    public int Conversations(string area) => Of(area).Count(difference => difference.IsOfResult);

    /// <summary>How many answers of an area differ at the level <c>exact</c>.</summary>
    public int Answers(string area) => Of(area).Sum(difference => difference.AnswersDiffering);

    // Numbers of steps stand on one line, where a person reads them.
    public void Write() => System.IO.File.WriteAllText(File, NumberList().Replace(JsonSerializer.Serialize(this, Format), list => Space().Replace(list.Value, " ").Replace("[ ", "[").Replace(" ]", "]")) + "\n");

    [GeneratedRegex(@"\[[\s\d,]*\]")]
    private static partial Regex NumberList();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
