using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.Selectors;

/// <summary>Which labels an object must have: all requirements hold. Immutable and safe to share.</summary>
public sealed class LabelSelector
{
    private readonly bool _matchesNothing;

    private LabelSelector(IEnumerable<LabelRequirement> requirements, bool matchesNothing = false)
    {
        Requirements = [.. requirements.OrderBy(requirement => requirement.Key, StringComparer.Ordinal)];
        _matchesNothing = matchesNothing;
    }

    /// <summary>Selects every object.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>Selects no object: what an absent selector of an object means.</summary>
    public static LabelSelector Nothing { get; } = new([], matchesNothing: true);

    /// <summary>The conditions, ordered by key.</summary>
    public IReadOnlyList<LabelRequirement> Requirements { get; }

    /// <summary>Whether every object is selected.</summary>
    public bool IsEmpty => Requirements.Count == 0 && !_matchesNothing;

    /// <summary>Reads the text form, as in the query parameter <c>labelSelector</c>. Empty text selects everything.</summary>
    /// <exception cref="FormatException">Malformed; the message is Kubernetes'.</exception>
    public static LabelSelector Parse(string text) => text.Length == 0 ? Everything : new(new LabelSelectorParser(text).Parse());

    /// <summary>Selects objects that have exactly these values; null or empty selects everything.</summary>
    /// <exception cref="FormatException">A key or value is malformed.</exception>
    public static LabelSelector FromLabels(IEnumerable<KeyValuePair<string, string>>? labels) =>
        labels is null ? Everything : new(labels.Select(label => new LabelRequirement(label.Key, LabelOperator.Equals, [label.Value])));

    /// <summary>Reads a meta/v1 LabelSelector (<c>matchLabels</c>, <c>matchExpressions</c>). Null selects nothing, an empty one everything.</summary>
    /// <exception cref="FormatException">An operator is unknown, or a key or value is malformed.</exception>
    public static LabelSelector From(JsonObject? selector)
    {
        if (selector is null)
        {
            return Nothing;
        }

        var requirements = new List<LabelRequirement>();
        foreach (var (key, value) in selector["matchLabels"] as JsonObject ?? [])
        {
            requirements.Add(new(key, LabelOperator.Equals, [Text(value)]));
        }

        foreach (var expression in selector["matchExpressions"] as JsonArray ?? [])
        {
            if (expression is not JsonObject fields)
            {
                throw new FormatException("matchExpressions must be a list of objects");
            }

            var name = fields["operator"] is { } given ? Text(given) : "";
            LabelOperator? @operator = name switch
            {
                "In" => LabelOperator.In,
                "NotIn" => LabelOperator.NotIn,
                "Exists" => LabelOperator.Exists,
                "DoesNotExist" => LabelOperator.DoesNotExist,
                _ => null,
            };
            requirements.Add(new(
                fields["key"] is { } key ? Text(key) : "",
                @operator ?? throw new FormatException($"{GoFormat.Quote(name)} is not a valid label selector operator"),
                (fields["values"] as JsonArray ?? []).Select(Text)));
        }

        return requirements.Count == 0 ? Everything : new(requirements);
    }

    /// <summary>Whether an object with these labels is selected; null means none.</summary>
    public bool Matches(IReadOnlyDictionary<string, string>? labels)
    {
        if (_matchesNothing)
        {
            return false;
        }

        for (var i = 0; i < Requirements.Count; i++)
        {
            if (!Requirements[i].Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Canonical text: requirements by key, values sorted. <see cref="Parse"/> reads it back.</summary>
    public override string ToString() => string.Join(',', Requirements);

    private static string Text(JsonNode? value) =>
        value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? text : throw new FormatException($"{GoFormat.Value(value)} is not a string");
}
