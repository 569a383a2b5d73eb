using System.Globalization;
using System.Text.Json;

namespace KubeTemplater.Policies.Checks;

/// <summary>Where a check looks: names separated by dots, as the Go operator has them, and beyond it <c>[*]</c> and <c>[0]</c> into lists and
/// <c>['app.kubernetes.io/name']</c> for names with dots.</summary>
/// <remarks>Immutable and thread-safe. No value is ever part of a message: it may be a secret.</remarks>
internal sealed class FieldPath
{
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
        }

        return path;
    }

    /// <summary>What the path leads to: one place, or as many as <c>[*]</c> has items. A place may be absent, or not be reachable.</summary>
    public IEnumerable<Place> In(JsonElement root) => From(root, 0, "");

    private IEnumerable<Place> From(JsonElement? value, int step, string where)
    {
        if (step == _steps.Count)
        {
            return [new(where, value, null)];
        }

        var next = _steps[step];
        return value switch
        {
            // What lies below something absent is absent; below no list there are no items.
            null or { ValueKind: JsonValueKind.Null } => next.All ? [] : From(null, step + 1, where + next.After(where)),
            { ValueKind: JsonValueKind.Object } map when next.Key is { } key =>
                From(map.TryGetProperty(key, out var field) ? field : null, step + 1, where + next.After(where)),
            { ValueKind: JsonValueKind.Array } list when next.All =>
                list.EnumerateArray().SelectMany((item, index) => From(item, step + 1, $"{where}[{index.ToString(CultureInfo.InvariantCulture)}]")),
            { ValueKind: JsonValueKind.Array } list when next.Key is null =>
                From(next.Index < list.GetArrayLength() ? list[next.Index] : null, step + 1, where + next.After(where)),
            { ValueKind: JsonValueKind.Array } => [new(where, null, "is a list: [*] means each item, [0] the first")],
            { } other => [new(where, null, $"is {(other.ValueKind == JsonValueKind.Object ? "an object, and no list" : "a single value")}")],
        };
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

    /// <summary>One place that a path leads to.</summary>
    /// <param name="Where">Path of this place, with numbers for <c>[*]</c>.</param>
    /// <param name="Value">What is there; null when nothing is.</param>
    /// <param name="Fault">Why the path does not lead on from there; null when it does.</param>
    public readonly record struct Place(string Where, JsonElement? Value, string? Fault);

    private readonly record struct Step(string? Key, bool All, int Index)
    {
        public string After(string before) => this switch
        {
            { All: true } => "[*]",
            { Key: null } => $"[{Index.ToString(CultureInfo.InvariantCulture)}]",
            _ when Key.AsSpan().IndexOfAny("./[]'\"") >= 0 => $"['{Key}']",
            _ => before.Length == 0 ? Key : $".{Key}",
        };
    }
}
