using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Capstan.ApiServer.Registry.CustomResources;

/// <summary>The part of Kubernetes' JSONPath that printer columns use: fields (<c>.a.b</c>, <c>['a.b']</c>, <c>\.</c> escapes), indexes, slices,
/// wildcards, recursive descent and filters (<c>[?(@.type=="Ready")]</c>). Immutable.</summary>
internal sealed class JsonPath
{
    private readonly IReadOnlyList<Step> _steps;

    private JsonPath(IReadOnlyList<Step> steps) => _steps = steps;

    /// <summary>Reads a path that begins with a dot; null when it cannot be understood.</summary>
    public static JsonPath? TryParse(string text) => new Parser(text).Path();

    /// <summary>All values that the path leads to; none when a step is absent.</summary>
    public IEnumerable<JsonNode?> Find(JsonNode? root)
    {
        IEnumerable<JsonNode?> nodes = [root];
        foreach (var step in _steps)
        {
            nodes = nodes.SelectMany(step.Follow);
        }

        return nodes;
    }

    /// <summary>A value as text, as a string column shows it: strings as they are, structures as compact JSON with sorted fields.</summary>
    public static string Text(JsonNode value) => value is JsonValue scalar && scalar.TryGetValue<string>(out var text) ? text : Schemas.GoFormat.Value(value);

    private abstract record Step
    {
        public abstract IEnumerable<JsonNode?> Follow(JsonNode? node);
    }

    private sealed record Field(string Name) : Step
    {
        public override IEnumerable<JsonNode?> Follow(JsonNode? node) => node is JsonObject obj && obj.TryGetPropertyValue(Name, out var value) ? [value] : [];
    }

    private sealed record Wildcard : Step
    {
        public override IEnumerable<JsonNode?> Follow(JsonNode? node) => node switch
        {
            JsonArray items => items,
            JsonObject fields => fields.Select(f => f.Value),
            _ => [],
        };
    }

    private sealed record Descendants : Step
    {
        public override IEnumerable<JsonNode?> Follow(JsonNode? node) => new Wildcard().Follow(node).SelectMany(Follow).Prepend(node);
    }

    private sealed record Slice(int? From, int? To, int Stride) : Step
    {
        public override IEnumerable<JsonNode?> Follow(JsonNode? node)
        {
            if (node is not JsonArray items)
            {
                yield break;
            }

            var end = Math.Min(At(To ?? items.Count, items.Count), items.Count);
            for (var i = Math.Max(0, At(From ?? 0, items.Count)); i < end; i += Stride)
            {
                yield return items[i];
            }
        }

        private static int At(int index, int count) => index < 0 ? index + count : index;
    }

    private sealed record Index(int Position) : Step
    {
        public override IEnumerable<JsonNode?> Follow(JsonNode? node)
        {
            var items = node as JsonArray;
            var at = Position < 0 ? Position + (items?.Count ?? 0) : Position;
            return items is not null && at >= 0 && at < items.Count ? [items[at]] : [];
        }
    }

    private sealed record Filter(JsonPath Left, string Operator, JsonNode? Literal, JsonPath? Right) : Step
    {
        public override IEnumerable<JsonNode?> Follow(JsonNode? node) => node is JsonArray items ? items.Where(Holds) : [];

        private bool Holds(JsonNode? item)
        {
            var left = Left.Find(item).Take(1).ToList();
            if (left.Count == 0 || Operator == "exists")
            {
                return left.Count > 0;
            }

            var right = Right is null ? [Literal] : Right.Find(item).Take(1).ToList();
            return right.Count > 0 && Compare(left[0], right[0]) is { } order && Operator switch
            {
                "==" => order == 0,
                "!=" => order != 0,
                "<" => order < 0,
                "<=" => order <= 0,
                ">" => order > 0,
                _ => order >= 0,
            };
        }

        /// <summary>Order of two scalars of one kind; null when they cannot be compared.</summary>
        private static int? Compare(JsonNode? left, JsonNode? right) => (left?.GetValueKind(), right?.GetValueKind()) switch
        {
            (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(left.Text(), right.Text()),
            (JsonValueKind.Number, JsonValueKind.Number) => Number(left!).CompareTo(Number(right!)),
            (JsonValueKind.True or JsonValueKind.False, JsonValueKind.True or JsonValueKind.False) => left.Flag() == right.Flag() ? 0 : 1,
            _ => null,
        };

        private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
    }

    private ref struct Parser(string text)
    {
        private int _at;

        public JsonPath? Path()
        {
            List<Step> steps = [];
            while (_at < text.Length)
            {
                var step = Next();
                if (step is null)
                {
                    return null;
                }

                steps.AddRange(step);
            }

            return new(steps);
        }

        private List<Step>? Next()
        {
            if (text[_at] == '[')
            {
                return Bracket() is { } step ? [step] : null;
            }

            if (text[_at] != '.')
            {
                return null;
            }

            _at++;
            if (_at < text.Length && text[_at] == '.')
            {
                _at++;
                return Named() is { } below ? [new Descendants(), below] : null;
            }

            return _at == text.Length || text[_at] == '[' ? [] : Named() is { } field ? [field] : null;
        }

        private Step? Named()
        {
            var name = new StringBuilder();
            while (_at < text.Length && text[_at] is not ('.' or '['))
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                {
                    _at++;
                }

                name.Append(text[_at++]);
            }

            return name.Length == 0 ? null : name.ToString() == "*" ? new Wildcard() : new Field(name.ToString());
        }

        private Step? Bracket()
        {
            var end = Closing(_at);
            if (end < 0)
            {
                return null;
            }

            var inner = text[(_at + 1)..end].Trim();
            _at = end + 1;
            if (inner == "*")
            {
                return new Wildcard();
            }

            if (inner.StartsWith("?(", StringComparison.Ordinal) && inner.EndsWith(')'))
            {
                return Condition(inner[2..^1].Trim());
            }

            if (Quoted(inner) is { } name)
            {
                return new Field(name);
            }

            var parts = inner.Split(':');
            var numbers = new int?[parts.Length];
            for (var i = 0; i < parts.Length; i++)
            {
                if (parts[i].Length == 0 && parts.Length > 1)
                {
                    continue;
                }

                if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                {
                    return null;
                }

                numbers[i] = number;
            }

            return parts.Length switch
            {
                1 => new Index(numbers[0]!.Value),
                2 => new Slice(numbers[0], numbers[1], 1),
                3 when numbers[2] is null or > 0 => new Slice(numbers[0], numbers[1], numbers[2] ?? 1),
                _ => null,
            };
        }

        /// <summary>Where the bracket that opens at <paramref name="start"/> closes; brackets and quotes inside are skipped.</summary>
        private readonly int Closing(int start)
        {
            var depth = 0;
            var quote = '\0';
            for (var i = start; i < text.Length; i++)
            {
                var c = text[i];
                if (quote != '\0')
                {
                    quote = c == quote ? '\0' : quote;
                }
                else if (c is '"' or '\'')
                {
                    quote = c;
                }
                else if (c == '[')
                {
                    depth++;
                }
                else if (c == ']' && --depth == 0)
                {
                    return i;
                }
            }

            return -1;
        }

        private static string? Quoted(string text) => text.Length >= 2 && text[0] is '"' or '\'' && text[^1] == text[0] ? text[1..^1] : null;

        private static Filter? Condition(string condition)
        {
            foreach (var op in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<", ">"])
            {
                var at = condition.IndexOf(op, StringComparison.Ordinal);
                if (at < 0)
                {
                    continue;
                }

                var right = condition[(at + op.Length)..].Trim();
                if (Relative(condition[..at].Trim()) is not { } left)
                {
                    return null;
                }

                if (right.StartsWith('@'))
                {
                    return Relative(right) is { } path ? new(left, op, null, path) : null;
                }

                return TryLiteral(right, out var literal) ? new(left, op, literal, null) : null;
            }

            return Relative(condition) is { } only ? new(only, "exists", null, null) : null;
        }

        private static JsonPath? Relative(string text) => text.StartsWith('@') ? TryParse(text[1..]) : null;

        private static bool TryLiteral(string text, out JsonNode? literal)
        {
            literal = Quoted(text) is { } quoted ? quoted : text switch { "true" => true, "false" => false, _ => null };
            if (literal is null && double.TryParse(text, CultureInfo.InvariantCulture, out var number))
            {
                literal = number;
            }

            return literal is not null;
        }
    }
}
