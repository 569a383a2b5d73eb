using System.Globalization;
using System.Text;

namespace Capstan.Cel.Tests.Documents;

/// <summary>JSON texts by seed: valid ones with everything that the grammar has, and damaged ones.</summary>
internal sealed class RandomJson(int seed)
{
    private static readonly string[] _strings =
    [
        "", "a", "name", "spec", "metadata", "app.kubernetes.io/name", "sixteen bytes ok", "seventeen bytes !", "a longer text, which takes more than one vector of bytes",
        "é", "日本語のテキスト", "👑", "x\\u0041", "\\n", "\\\"", "\\\\", "\\/\\b\\f\\r\\t", "\\ud83d\\udc51", "fifteen bytes..\\u00e9", "nam\\u0065", "\\u006eame", "\u007f", "\\u0000",
    ];

    private static readonly string[] _numbers =
    [
        "0", "-0", "1", "-1", "20", "1.0", "1e3", "1E+2", "-2.5e-3", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "99999999999999999999999999", "1e400", "-1e400", "0.1", "4.9e-324", "1234567890123456789.5",
    ];

    private static readonly string[] _spaces = ["", "", "", " ", "\n", "\r\n\t", "                                     "];

    private static readonly string[] _faults =
        ["", ",", ":", "\"", "\\", "{", "}", "[", "]", "0", "-", ".", "e", "\\u12", "\\ud800", "\\udc00\\ud800", "\\x", "tru", "nul", "\u0001", "\ufeff", "/*c*/", "NaN", "+1", "'"];

    private readonly Random _random = new(seed);
    private readonly StringBuilder _text = new();

    public static byte[] Valid(int seed)
    {
        var writer = new RandomJson(seed);
        writer.Value(0);
        return Encoding.UTF8.GetBytes(writer._text.ToString());
    }

    public static byte[] Damaged(int seed)
    {
        var bytes = Valid(seed).ToList();
        var random = new Random(seed);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(5))
            {
                case 0 when at < bytes.Count:
                    bytes.RemoveAt(at);
                    break;
                case 1:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(_faults[random.Next(_faults.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }

    private void Value(int depth)
    {
        Space();
        switch (_random.Next(depth > 5 ? 5 : 8))
        {
            case 0: _text.Append("null"); break;
            case 1: _text.Append(_random.Next(2) == 0 ? "true" : "false"); break;
            case 2: Number(); break;
            case 3 or 4: String(); break;
            case 5: Items('[', ']', depth, named: false); break;
            default: Items('{', '}', depth, named: true); break;
        }

        Space();
    }

    private void Items(char open, char close, int depth, bool named)
    {
        var count = _random.Next(20) == 0 ? _random.Next(30, 80) : _random.Next(6);
        _text.Append(open);
        for (var i = 0; i < count; i++)
        {
            _text.Append(i > 0 ? "," : "");
            if (named)
            {
                Space();
                String();
                Space();
                _text.Append(':');
            }

            Value(count > 10 ? 6 : depth + 1);
        }

        Space();
        _text.Append(close);
    }

    private void String()
    {
        _text.Append('"').Append(_strings[_random.Next(_strings.Length)]);
        if (_random.Next(3) == 0)
        {
            _text.Append(_random.Next(100)).Append(_strings[_random.Next(_strings.Length)]);
        }

        _text.Append('"');
    }

    private void Number() =>
        _text.Append(_random.Next(2) == 0 ? _numbers[_random.Next(_numbers.Length)] : _random.NextInt64(-1000, 1000).ToString(CultureInfo.InvariantCulture));

    private void Space() => _text.Append(_spaces[_random.Next(_spaces.Length)]);
}
