using System.Globalization;
using System.Text;
using System.Text.Json;

namespace KubeTemplater.Policies.Checks;

/// <summary>Where a check looks: names separated by dots, as the Go operator has them, and beyond it <c>[*]</c> and <c>[0]</c> into lists and
/// <c>['app.kubernetes.io/name']</c> for names with dots.</summary>
/// <remarks>Immutable and thread-safe. No value is ever part of a message: it may be a secret.</remarks>
internal sealed class FieldPath
{
    // No object is deeper: the API server takes none, and a walk must end before the stack does.
    private const int MostSteps = 100;

    private readonly List<Step> _steps = [];

    private FieldPath(string text) => Text = text;

    /// <summary>The path as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a path.</summary>
    /// <exception cref="FormatException">It is none; the message tells what is wrong, and at which character from 1.</exception>
    public static FieldPath Parse(string text)
    {
        var path = new FieldPath(text);
        var at = 0;
        while (at < text.Length || path._steps.Count == 0)
        {
            at = at < text.Length && text[at] == '[' && at > 0 ? path.Bracket(at) : path.Name(at);
            if (path._steps.Count > MostSteps)
            {
                throw new FormatException($"more than {MostSteps} names and brackets");
            }
        }

        return path;
    }

    /// <summary>What is wrong at the first place that the path leads to and where something is, and at how many more; null when nothing is.</summary>
    /// <param name="input">The object, and what its judgement may cost.</param>
    /// <param name="faultOf">What is wrong with the value at one place, null where the place is absent; null when nothing is.</param>
    public string? FirstFault(CheckInput input, Func<JsonElement?, CheckInput, string?> faultOf)
    {
        var walk = new Walk(_steps, input, faultOf);
        walk.From(input.Json, 0);
        return walk.Fault;
    }

    private int Name(int at)
    {
        if (at > 0)
        {
            if (Text[at] != '.')
            {
                throw Wrong(at, "a . or [ is missing");
            }

            at++;
        }

        var end = Text.AsSpan(at).IndexOfAny('.', '[') is >= 0 and var length ? at + length : Text.Length;
        if (end == at)
        {
            throw Wrong(at, "a name is missing");
        }

        _steps.Add(new(Text[at..end], false, 0));
        return end;
    }

    private int Bracket(int at)
    {
        var inside = at + 1;
        if (inside < Text.Length && Text[inside] is '\'' or '"')
        {
            var quote = Text.IndexOf(Text[inside], inside + 1);
            if (quote < 0 || quote + 1 >= Text.Length || Text[quote + 1] != ']')
            {
                throw Wrong(inside, "the quoted name does not end with the same quote and ]");
            }

            _steps.Add(new(Text[(inside + 1)..quote], false, 0));
            return quote + 2;
        }

        var end = Text.IndexOf(']', inside);
        if (end < 0)
        {
            throw Wrong(at, "the ] is missing");
        }

        var content = Text.AsSpan(inside, end - inside);
        if (content is "*")
        {
            _steps.Add(new(null, true, 0));
        }
        else if (int.TryParse(content, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            _steps.Add(new(null, false, index));
        }
        else
        {
            throw Wrong(inside, "in [] stands *, a number from 0, or a quoted name");
        }

        return end + 1;
    }

    private FormatException Wrong(int at, string what) => new($"{what}, at character {at + 1} of '{Text}'");

    private readonly record struct Step(string? Key, bool All, int Index);

    /// <summary>One walk along a path. What says where something is wrong is made only once something is.</summary>
    private sealed class Walk(List<Step> steps, CheckInput input, Func<JsonElement?, CheckInput, string?> faultOf)
    {
        // Which item of its list each [*] is at.
        private readonly int[] _items = steps.Exists(static step => step.All) ? new int[steps.Count] : [];
        private string? _first;
        private int _more;

        public string? Fault => _more == 0 ? _first : $"{_first} (and {_more.ToString(CultureInfo.InvariantCulture)} more like it)";

        public void From(JsonElement? value, int step)
        {
            for (; step < steps.Count; step++)
            {
                var next = steps[step];
                switch (value)
                {
                    // What lies below something absent is absent; below no list there are no items.
                    case null or { ValueKind: JsonValueKind.Null }:
                        if (next.All)
                        {
                            return;
                        }

                        value = null;
                        break;
                    case { ValueKind: JsonValueKind.Object } map when next.Key is { } key:
                        value = map.TryGetProperty(key, out var field) ? field : null;
                        break;
                    case { ValueKind: JsonValueKind.Array } list when next.All:
                        FromEach(list, step);
                        return;
                    case { ValueKind: JsonValueKind.Array } list when next.Key is null:
                        value = next.Index < list.GetArrayLength() ? list[next.Index] : null;
                        break;
                    case { } other:
                        Note(step, other.ValueKind switch
                        {
                            JsonValueKind.Array => "is a list: [*] means each item, [0] the first",
                            JsonValueKind.Object => "is an object, and no list",
                            _ => "is a single value",
                        });
                        return;
                }
            }

            Note(step, faultOf(value, input));
        }

        private void FromEach(JsonElement list, int step)
        {
            _items[step] = 0;
            foreach (var item in list.EnumerateArray())
            {
                input.Cancellation.ThrowIfCancellationRequested();
                From(item, step + 1);
                _items[step]++;
            }
        }

        private void Note(int step, string? fault)
        {
            if (fault is null)
            {
                return;
            }

            if (_first is null)
            {
                _first = $"{Where(step)} {fault}";
            }
            else
            {
                _more++;
            }
        }

        private string Where(int end)
        {
            var where = new StringBuilder();
            for (var i = 0; i < end; i++)
            {
                _ = steps[i] switch
                {
                    { All: true } => where.Append(CultureInfo.InvariantCulture, $"[{_items[i]}]"),
                    { Key: null } indexed => where.Append(CultureInfo.InvariantCulture, $"[{indexed.Index}]"),
                    { Key: var key } when key.AsSpan().IndexOfAny("./[]'\"") >= 0 => where.Append($"['{key}']"),
                    { Key: var key } => where.Append(where.Length == 0 ? "" : ".").Append(key),
                };
            }

            return where.Length == 0 ? "the object" : where.ToString();
        }
    }
}
