using System.Text.Json;
using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>A place in an object that is being validated: its value, its path as messages name it, its structure, and where faults go.</summary>
/// <param name="Value">What stands there; null when nothing does.</param>
/// <param name="Path">Its path; empty for the object itself.</param>
/// <param name="Schema">Its structure, as far as it is known: messages show values as Kubernetes' own types are written.</param>
/// <param name="Errors">Receives the faults.</param>
internal readonly record struct Place(JsonNode? Value, string Path, Schema? Schema, ICollection<FieldError> Errors)
{
    /// <summary>The place of a field.</summary>
    public Place this[string field] => new(Value.At(field), Path.Length == 0 ? field : $"{Path}.{field}", Schema?.Field(field), Errors);

    /// <summary>Whether anything stands there.</summary>
    public bool Exists => Value is not null;

    /// <summary>The text; empty when there is none.</summary>
    public string Text => Value.Text() ?? "";

    /// <summary>Whether a text stands there that is not empty.</summary>
    public bool HasText => Text.Length > 0;

    /// <summary>The whole number; 0 when there is none.</summary>
    public long Number => Value.Number() ?? 0;

    /// <summary>Whether <c>true</c> stands there.</summary>
    public bool Flag => Value.Flag() == true;

    /// <summary>How many items or entries there are.</summary>
    public int Count => Value switch { JsonArray items => items.Count, JsonObject fields => fields.Count, _ => 0 };

    /// <summary>The places of the items of a list.</summary>
    public IEnumerable<Place> Items
    {
        get
        {
            var (items, path, schema, errors) = (Value.Items(), Path, Schema?.Items, Errors);
            return items.Select((item, i) => new Place(item, $"{path}[{i}]", schema, errors));
        }
    }

    /// <summary>The places of the entries of a map, with their keys, in the order of the keys.</summary>
    public IEnumerable<(string Key, Place Place)> Entries
    {
        get
        {
            var (path, schema, errors) = (Path, Schema?.AdditionalProperties, Errors);
            return (Value as JsonObject ?? []).OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => (e.Key, new Place(e.Value, $"{path}[{e.Key}]", schema, errors)));
        }
    }

    /// <summary>The same value under another path, where Kubernetes names it otherwise.</summary>
    public Place As(string path) => this with { Path = path };

    /// <summary>What is needed is not there, or empty.</summary>
    public void Required(string detail = "") => Errors.Add(FieldErrors.Required(Path, detail));

    /// <summary>The value may not be what it is.</summary>
    public void Invalid(string detail) => Add(FieldErrorReasons.Invalid, $"Invalid value: {InternalForm.Of(Value, Schema)}", detail);

    /// <summary>The value may not be what it is; another is shown.</summary>
    public void Invalid(JsonNode? shown, string detail) => Add(FieldErrorReasons.Invalid, $"Invalid value: {GoFormat.Value(shown)}", detail);

    /// <summary>The value may not be what it is, and is not shown.</summary>
    public void InvalidUnshown(string detail) => Add(FieldErrorReasons.Invalid, "Invalid value", detail);

    /// <summary>Nothing may stand there, or it may not be changed.</summary>
    public void Forbidden(string detail) => Errors.Add(FieldErrors.Forbidden(Path, detail));

    /// <summary>The value is none of those that there are.</summary>
    public void NotSupported(params IEnumerable<string> words) =>
        Add(FieldErrorReasons.NotSupported, $"Unsupported value: {InternalForm.Of(Value, Schema)}", $"supported values: {string.Join(", ", words.Select(GoFormat.Quote))}");

    /// <summary>The value stands there a second time.</summary>
    public void Duplicate(string detail = "") => Add(FieldErrorReasons.Duplicate, $"Duplicate value: {InternalForm.Of(Value, Schema)}", detail);

    /// <summary>There are too many items.</summary>
    public void TooMany(int most) => Errors.Add(FieldErrors.TooMany(Path, Count, most));

    /// <summary>The text, or all of it together, is too long.</summary>
    public void TooLong(long most) => Errors.Add(FieldErrors.TooLong(Path, most));

    /// <summary>One of some words must stand there. Absent counts as empty.</summary>
    /// <param name="words">The words as the message lists them.</param>
    public void OneOf(params IEnumerable<string> words)
    {
        if (!words.Contains(Text, StringComparer.Ordinal))
        {
            (Exists ? this : this with { Value = "" }).NotSupported(words);
        }
    }

    /// <summary>If something stands there, it must be one of some words.</summary>
    public void NoneOrOneOf(params IEnumerable<string> words)
    {
        if (Exists)
        {
            OneOf(words);
        }
    }

    /// <summary>The text must be there and be one of some words.</summary>
    public void RequiredOneOf(params IEnumerable<string> words)
    {
        if (!HasText)
        {
            Required();
        }
        else
        {
            OneOf(words);
        }
    }

    /// <summary>A number that stands there must not be negative.</summary>
    public void NotNegative()
    {
        if (Number < 0)
        {
            Invalid("must be greater than or equal to 0");
        }
    }

    /// <summary>The text must follow a rule. Absent counts as empty.</summary>
    public void Follows(Func<string, IReadOnlyList<string>> rule)
    {
        foreach (var fault in rule(Text))
        {
            Invalid(Text, fault);
        }
    }

    /// <summary>If there is a text, it must follow a rule.</summary>
    public void NoneOrFollows(Func<string, IReadOnlyList<string>> rule)
    {
        if (HasText)
        {
            Follows(rule);
        }
    }

    /// <summary>The text must be there and follow a rule.</summary>
    public void RequiredFollows(Func<string, IReadOnlyList<string>> rule)
    {
        if (HasText)
        {
            Follows(rule);
        }
        else
        {
            Required();
        }
    }

    /// <summary>The number must be that of a port.</summary>
    public void PortNumber()
    {
        if (Number is < 1 or > 65535)
        {
            Invalid(Number, "must be between 1 and 65535, inclusive");
        }
    }

    /// <summary>The number or name must be that of a port.</summary>
    public void PortNumberOrName()
    {
        if (Value?.GetValueKind() == JsonValueKind.String)
        {
            Follows(Naming.PortNameFaults);
        }
        else
        {
            PortNumber();
        }
    }

    /// <summary>The value must be what it was.</summary>
    public void Unchanged(JsonNode? before)
    {
        if (!JsonNode.DeepEquals(Value, before))
        {
            Invalid("field is immutable");
        }
    }

    /// <summary>The labels must be well formed.</summary>
    public void Labels() => MetadataRules.CheckLabels(Value as JsonObject, Path, Errors);

    /// <summary>The selector must be well formed.</summary>
    public void Selector() => MetadataRules.CheckSelector(Value, Path, Errors);

    private void Add(string reason, string what, string detail) => Errors.Add(new(reason, Path, detail.Length == 0 ? what : $"{what}: {detail}"));
}
