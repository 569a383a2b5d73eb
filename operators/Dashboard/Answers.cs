using System.Text.Json.Serialization;
using Capstan.Dashboard.Facts;
using Capstan.Dashboard.Metrics;
using Capstan.Dashboard.Trees;

namespace Capstan.Dashboard;

/// <summary>The first page.</summary>
/// <param name="Source">Who answers: an operator's name, or <c>capstan local</c>.</param>
/// <param name="Time">When.</param>
/// <param name="Templates">Null where nobody knows of templates.</param>
/// <param name="Policies">Null where nobody knows of policies.</param>
/// <param name="Databases">Null where nobody knows of Databases.</param>
internal sealed record OverviewAnswer(string Source, DateTimeOffset Time, TemplatesAnswer? Templates, ListAnswer<PolicyFacts>? Policies, DatabasesAnswer? Databases);

/// <summary>Templates, counted, and those that somebody should look at.</summary>
internal sealed record TemplatesAnswer(int Total, IReadOnlyDictionary<string, int> Phases, IReadOnlyList<TemplateAnswer> Failing, IReadOnlyList<TemplateAnswer> Slowest, IReadOnlyList<DriftAnswer> Drift);

/// <summary>A template in a list.</summary>
internal sealed record TemplateAnswer(string Namespace, string Name, string Phase, int Resources, int Synced)
{
    /// <summary>When its last run ended.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Seconds from the change until it was done, or until now.</summary>
    public double? Took { get; init; }

    /// <summary>Failed attempts.</summary>
    public int Retries { get; init; }

    /// <summary>How often its objects were changed by others.</summary>
    public int Drifts { get; init; }

    /// <summary>Reason of its condition <c>Ready</c>, unless that is true.</summary>
    public string? Reason { get; init; }

    /// <summary>What its status says.</summary>
    public string? Message { get; init; }
}

/// <summary>Objects of a template were found changed by others.</summary>
/// <param name="Namespace">Of the template.</param>
/// <param name="Name">Of the template.</param>
/// <param name="At">When.</param>
/// <param name="Count">How often it has happened to this template by then.</param>
internal sealed record DriftAnswer(string Namespace, string Name, DateTimeOffset At, int Count);

/// <summary>A list of which at most so many are told.</summary>
internal sealed record ListAnswer<T>(int Total, IReadOnlyList<T> Items);

/// <summary>Databases, those first that somebody should look at, and their copies.</summary>
internal sealed record DatabasesAnswer(int Total, IReadOnlyDictionary<string, int> Phases, IReadOnlyList<DatabaseAnswer> Items, ListAnswer<CopyFacts> Copies);

/// <summary>A Database in a list.</summary>
internal sealed record DatabaseAnswer(DatabaseFacts Facts)
{
    /// <summary>The newest of its copies.</summary>
    public CopyFacts? LastCopy { get; init; }
}

/// <summary>A standby.</summary>
internal sealed record StandbyAnswer(string Pod, string State, long LagMebibytes);

/// <summary>A condition.</summary>
internal sealed record ConditionAnswer(string Type, string Status, string? Reason, string? Message);

/// <summary>What a search found.</summary>
internal sealed record SearchAnswer(int Total, IReadOnlyList<FoundAnswer> Items);

/// <summary>An object that a search found.</summary>
internal sealed record FoundAnswer(string Kind, string Namespace, string Name, string State);

/// <summary>One object from near by.</summary>
internal sealed record DetailAnswer(string Kind, string Namespace, string Name, string State)
{
    /// <summary>Its fields, in order: a name and a value each.</summary>
    public IReadOnlyList<FieldAnswer> Fields { get; init; } = [];

    /// <summary>Its conditions.</summary>
    public IReadOnlyList<ConditionAnswer> Conditions { get; init; } = [];

    /// <summary>The objects below it.</summary>
    public IReadOnlyList<TreeNode> Tree { get; init; } = [];
}

/// <summary>A field of an object.</summary>
/// <param name="Name">For people.</param>
/// <param name="Value">As text; null is left out.</param>
/// <param name="Time">The same, where it is a time.</param>
internal sealed record FieldAnswer(string Name, string? Value, DateTimeOffset? Time = null);

/// <summary>The contract of the answers, generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(OverviewAnswer))]
[JsonSerializable(typeof(HistoryAnswer))]
[JsonSerializable(typeof(SearchAnswer))]
[JsonSerializable(typeof(DetailAnswer))]
internal sealed partial class AnswersJson : JsonSerializerContext;
