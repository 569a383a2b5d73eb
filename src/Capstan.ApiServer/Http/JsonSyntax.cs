using Capstan.ApiServer.Storage;
using Capstan.Schemas;

namespace Capstan.ApiServer.Http;

/// <summary>Why bytes are no JSON, in the words of Go, which reads byte by byte and tells the first that cannot stand where it stands.</summary>
internal static class JsonSyntax
{
    private const string End = "unexpected end of JSON input";

    private enum Expect
    {
        Value,
        ValueOrEnd,
        KeyOrEnd,
        Key,
        Colon,
        AfterMember,
        AfterItem,
        AfterAll,
    }

    /// <summary>The fault; null when there is none.</summary>
    public static string? FaultOf(ReadOnlySpan<byte> json)
    {
        var open = new Stack<bool>();
        var expect = Expect.Value;
        var at = 0;
        while (true)
        {
            while (at < json.Length && json[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
            {
                at++;
            }

            if (at == json.Length)
            {
                return expect == Expect.AfterAll ? null : End;
            }

            var c = json[at];
            string? fault = null;
            switch (expect)
            {
                case Expect.ValueOrEnd when c == ']':
                case Expect.KeyOrEnd when c == '}':
                    open.Pop();
                    at++;
                    expect = After(open);
                    break;
                case Expect.Value or Expect.ValueOrEnd when c is (byte)'{' or (byte)'[':
                    if (open.Count == ObjectJson.MaxDepth)
                    {
                        return Invalid(c, "exceeded max depth");
                    }

                    open.Push(c == '{');
                    at++;
                    expect = c == '{' ? Expect.KeyOrEnd : Expect.ValueOrEnd;
                    break;
                case Expect.Value or Expect.ValueOrEnd:
                    fault = Scalar(json, ref at);
                    expect = After(open);
                    break;
                case Expect.Key or Expect.KeyOrEnd:
                    fault = c == '"' ? Text(json, ref at) : Invalid(c, "looking for beginning of object key string");
                    expect = Expect.Colon;
                    break;
                case Expect.Colon:
                    fault = c == ':' ? null : Invalid(c, "after object key");
                    at++;
                    expect = Expect.Value;
                    break;
                case Expect.AfterMember or Expect.AfterItem when c == ',':
                    at++;
                    expect = expect == Expect.AfterMember ? Expect.Key : Expect.Value;
                    break;
                case Expect.AfterMember or Expect.AfterItem when c == (expect == Expect.AfterMember ? '}' : ']'):
                    open.Pop();
                    at++;
                    expect = After(open);
                    break;
                default:
                    fault = Invalid(c, expect switch
                    {
                        Expect.AfterMember => "after object key:value pair",
                        Expect.AfterItem => "after array element",
                        _ => "after top-level value",
                    });
                    break;
            }

            if (fault is not null)
            {
                return fault;
            }
        }
    }

    private static Expect After(Stack<bool> open) => open.Count == 0 ? Expect.AfterAll : open.Peek() ? Expect.AfterMember : Expect.AfterItem;

    private static string? Scalar(ReadOnlySpan<byte> json, ref int at) => json[at] switch
    {
        (byte)'"' => Text(json, ref at),
        (byte)'t' => Word(json, ref at, "true"),
        (byte)'f' => Word(json, ref at, "false"),
        (byte)'n' => Word(json, ref at, "null"),
        (byte)'-' or (>= (byte)'0' and <= (byte)'9') => Number(json, ref at),
        var other => Invalid(other, "looking for beginning of value"),
    };

    private static string? Word(ReadOnlySpan<byte> json, ref int at, string word)
    {
        foreach (var letter in word)
        {
            if (Next(json, at) != letter)
            {
                return Invalid(Next(json, at), $"in literal {word} (expecting '{letter}')");
            }

            at++;
        }

        return null;
    }

    private static string? Text(ReadOnlySpan<byte> json, ref int at)
    {
        for (at++; at < json.Length; at++)
        {
            switch (json[at])
            {
                case (byte)'"':
                    at++;
                    return null;
                case (byte)'\\':
                    at++;
                    if (Next(json, at) == 'u')
                    {
                        for (var digits = 0; digits < 4; digits++)
                        {
                            at++;
                            if (!char.IsAsciiHexDigit((char)Next(json, at)))
                            {
                                return Invalid(Next(json, at), "in \\u hexadecimal character escape");
                            }
                        }
                    }
                    else if (!"bfnrt\\/\""u8.Contains(Next(json, at)))
                    {
                        return Invalid(Next(json, at), "in string escape code");
                    }

                    break;
                case < 0x20:
                    return Invalid(json[at], "in string literal");
            }
        }

        return End;
    }

    private static string? Number(ReadOnlySpan<byte> json, ref int at)
    {
        if (json[at] == '-')
        {
            at++;
            if (!char.IsAsciiDigit((char)Next(json, at)))
            {
                return Invalid(Next(json, at), "in numeric literal");
            }
        }

        if (json[at] == '0')
        {
            at++;
        }
        else
        {
            Digits(json, ref at);
        }

        if (at < json.Length && json[at] == '.')
        {
            at++;
            if (Digits(json, ref at) == 0)
            {
                return Invalid(Next(json, at), "after decimal point in numeric literal");
            }
        }

        if (at < json.Length && json[at] is (byte)'e' or (byte)'E')
        {
            at++;
            if (at < json.Length && json[at] is (byte)'+' or (byte)'-')
            {
                at++;
            }

            if (Digits(json, ref at) == 0)
            {
                return Invalid(Next(json, at), "in exponent of numeric literal");
            }
        }

        return null;
    }

    // A value that is cut short is read on as if a space followed.
    private static byte Next(ReadOnlySpan<byte> json, int at) => at < json.Length ? json[at] : (byte)' ';

    private static int Digits(ReadOnlySpan<byte> json, ref int at)
    {
        var start = at;
        while (at < json.Length && char.IsAsciiDigit((char)json[at]))
        {
            at++;
        }

        return at - start;
    }

    // A byte that is no character of its own shows as the one of Latin-1.
    private static string Invalid(byte c, string where) => (char)c switch
    {
        '\'' => $"invalid character '\\'' {where}",
        '"' => $"invalid character '\"' {where}",
        var other => $"invalid character '{GoFormat.Quote(other.ToString())[1..^1]}' {where}",
    };
}
