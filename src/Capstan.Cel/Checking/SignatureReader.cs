using System.Collections.Immutable;

namespace Capstan.Cel.Checking;

/// <summary>
/// Reads declarations as text. A line without indentation names a function, the indented lines below it are its overloads:
/// <c>id (int, list(T)) -> T</c>, with a receiver <c>id string.(int) -> string</c>. A capital letter alone is a type parameter; a name that
/// is no type of the language is an opaque type. Throws <see cref="FormatException"/> on other text: declarations are part of the program.
/// </summary>
internal sealed class SignatureReader
{
    private readonly string _text;
    private readonly Func<string, CelType?>? _named;
    private readonly List<CelType> _parameters = [];
    private int _at;

    private SignatureReader(string text, Func<string, CelType?>? named)
    {
        _text = text;
        _named = named;
    }

    /// <param name="text">The declarations.</param>
    /// <param name="named">Types that names stand for besides those of the language, null for none.</param>
    public static ImmutableArray<FunctionDeclaration> Functions(string text, Func<string, CelType?>? named = null)
    {
        var functions = ImmutableArray.CreateBuilder<FunctionDeclaration>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] != ' ')
            {
                functions.Add(new FunctionDeclaration(line.Trim(), []));
            }
            else
            {
                var overload = new SignatureReader(line.Trim(), named).ReadOverload();
                functions[^1] = functions[^1] with { Overloads = functions[^1].Overloads.Add(overload) };
            }
        }

        return functions.ToImmutable();
    }

    public static CelType Type(string text, Func<string, CelType?>? named = null)
    {
        var reader = new SignatureReader(text, named);
        var type = reader.ReadType();
        reader.ExpectEnd();
        return type;
    }

    private Overload ReadOverload()
    {
        var space = _text.IndexOf(' ');
        var id = _text[..space];
        _at = space + 1;
        var parameters = ImmutableArray.CreateBuilder<CelType>();
        var isMember = _text[_at] != '(';
        if (isMember)
        {
            parameters.Add(ReadType());
            Expect(".");
        }

        ReadList(parameters);
        Expect(" -> ");
        var result = ReadType();
        ExpectEnd();
        return new Overload(id, isMember, parameters.ToImmutable(), result, _parameters.Count);
    }

    private CelType ReadType()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_' || IsInnerDot()))
        {
            _at++;
        }

        var name = _text[start.._at];
        var parameters = ImmutableArray.CreateBuilder<CelType>();
        if (_at < _text.Length && _text[_at] == '(')
        {
            ReadList(parameters);
        }

        return (name, parameters.ToArray()) switch
        {
            ([>= 'A' and <= 'Z'], []) => ParameterNamed(name),
            ("", _) => throw Bad(),
            ("list", [var element]) => CelType.List(element),
            ("map", [var key, var value]) => CelType.Map(key, value),
            ("type", [var type]) => CelType.TypeOf(type),
            ("wrapper", [var primitive]) => CelType.Wrapper(primitive),
            (_, []) => Simple(name) ?? _named?.Invoke(name) ?? CelType.Opaque(name),
            (_, var all) => CelType.Opaque(name, [.. all]),
        };
    }

    // The dot before a receiver's parenthesis ends the type.
    private bool IsInnerDot() => _text[_at] == '.' && _at + 1 < _text.Length && _text[_at + 1] != '(';

    private static CelType? Simple(string name) => name switch
    {
        "dyn" => CelType.Dyn,
        "null" or "null_type" => CelType.Null,
        "bool" => CelType.Bool,
        "int" => CelType.Int,
        "uint" => CelType.Uint,
        "double" => CelType.Double,
        "string" => CelType.String,
        "bytes" => CelType.Bytes,
        "timestamp" or "google.protobuf.Timestamp" => CelType.Timestamp,
        "duration" or "google.protobuf.Duration" => CelType.Duration,
        "type" => CelType.Type,
        _ => null,
    };

    private CelType ParameterNamed(string name)
    {
        if (_parameters.Find(p => p.Name == name) is { } known)
        {
            return known;
        }

        _parameters.Add(CelType.Parameter(name, _parameters.Count));
        return _parameters[^1];
    }

    private void ReadList(ImmutableArray<CelType>.Builder into)
    {
        Expect("(");
        while (_at < _text.Length && _text[_at] != ')')
        {
            into.Add(ReadType());
            if (_at < _text.Length && _text[_at] != ')')
            {
                Expect(", ");
            }
        }

        Expect(")");
    }

    private void Expect(string text)
    {
        if (string.CompareOrdinal(_text, _at, text, 0, text.Length) != 0)
        {
            throw Bad();
        }

        _at += text.Length;
    }

    private void ExpectEnd()
    {
        if (_at != _text.Length)
        {
            throw Bad();
        }
    }

    private FormatException Bad() => new($"no declaration at {_at}: {_text}");
}
