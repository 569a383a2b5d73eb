using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan;

/// <summary>A field that holds a whole number or a text, such as a port by number or by name, or a count or a percentage. It stays the one that it is: <c>80</c> is not <c>"80"</c>.</summary>
/// <remarks>Source: apimachinery <c>util/intstr</c>. The default is the number 0. Immutable.</remarks>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly struct IntOrString : IEquatable<IntOrString>
{
    private readonly string? _text;
    private readonly int _number;

    /// <summary>A number.</summary>
    public IntOrString(int number) => _number = number;

    /// <summary>A text, also where it is made of digits.</summary>
    public IntOrString(string text) => _text = text ?? throw new ArgumentNullException(nameof(text));

    /// <summary>Whether it is a text.</summary>
    public bool IsString => _text is not null;

    /// <summary>The number; null if it is a text.</summary>
    public int? Number => _text is null ? _number : null;

    /// <summary>The text; null if it is a number.</summary>
    public string? Text => _text;

    /// <summary>The count that a number is, or a percentage comes to.</summary>
    /// <param name="total">What a percentage is of.</param>
    /// <param name="roundUp">Whether a part counts as one; else as none.</param>
    /// <exception cref="FormatException">A text that is no percentage.</exception>
    public int ScaledOf(int total, bool roundUp)
    {
        if (_text is null)
        {
            return _number;
        }

        if (!_text.EndsWith('%') || !int.TryParse(_text.AsSpan(0, _text.Length - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var percent))
        {
            throw new FormatException($"'{_text}' is no percentage");
        }

        var scaled = (decimal)percent * total / 100;
        return (int)(roundUp ? Math.Ceiling(scaled) : Math.Floor(scaled));
    }

    /// <inheritdoc/>
    public bool Equals(IntOrString other) => _text == other._text && _number == other._number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IntOrString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_text, _number);

    /// <summary>The number or the text, without quotes.</summary>
    public override string ToString() => _text ?? _number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether both are the same, of the same kind.</summary>
    public static bool operator ==(IntOrString left, IntOrString right) => left.Equals(right);

    /// <summary>Whether they differ, if only in kind.</summary>
    public static bool operator !=(IntOrString left, IntOrString right) => !left.Equals(right);

    /// <summary>A number.</summary>
    public static implicit operator IntOrString(int number) => new(number);

    /// <summary>A text.</summary>
    public static implicit operator IntOrString(string text) => new(text);
}

/// <summary>Writes a number as a number and a text as a text.</summary>
public sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    /// <inheritdoc/>
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => new(reader.GetString()!),
        JsonTokenType.Number when reader.TryGetInt32(out var number) => new(number),
        _ => throw new JsonException("must be a whole number of 32 bits, or a string"),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.Text is { } text)
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteNumberValue(value.Number!.Value);
        }
    }
}
