using System.Text;

namespace Capstan.Cel.Tests.Fuzz;

/// <summary>JSON of the kind that expressions are evaluated over, with names that are nearly equal and numbers at the edges.</summary>
internal static class RandomDocuments
{
    private static readonly string[] _names =
        ["a", "b", "spec", "items", "name", "A", "aa", "é", "e\\u0301", "👑", "ａ", "x.y", "a b", "", "\\u0061b", "in", "\\\"q\\\""];

    private static readonly string[] _numbers =
    [
        "0", "1", "-1", "2", "3", "7", "100", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
        "1.0", "0.5", "-0", "-0.0", "1e3", "1E-7", "1e308", "9007199254740993", "3.0000000000000004", "1e21", "123456789.25",
    ];

    private static readonly string[] _texts =
    [
        "", "a", "b", "abc", "Abc", "aé👑z", "👑", "\\uD83D\\uDC51", "ｚ", " a ", "a,b,c", "1", "-5", "true", "1h", "2020-01-02T03:04:05Z", "\\n", "\\\\",
        "\\u0000", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "e\\u0301", "\\u00e9",
    ];

    /// <summary>An object: fields that expressions ask for are likely, but never certain.</summary>
    public static string Next(Random random)
    {
        var text = new StringBuilder();
        Object(random, text, 3);
        return text.ToString();
    }

    private static void Value(Random random, StringBuilder text, int depth)
    {
        var kind = random.Next(depth > 0 ? 12 : 7);
        switch (kind)
        {
            case 0:
                text.Append("null");
                break;
            case 1:
                text.Append(random.Next(2) == 0 ? "true" : "false");
                break;
            case 2 or 3 or 4:
                text.Append(_numbers[random.Next(_numbers.Length)]);
                break;
            case 5 or 6:
                text.Append('"').Append(_texts[random.Next(_texts.Length)]).Append('"');
                break;
            case 7 or 8 or 9:
                Object(random, text, depth);
                break;
            default:
                List(random, text, depth);
                break;
        }
    }

    private static void Object(Random random, StringBuilder text, int depth)
    {
        text.Append('{');
        var names = _names.OrderBy(_ => random.Next()).Take(random.Next(6)).Concat(random.Next(2) == 0 ? ["a", "spec", "items", "name"] : []).Distinct();
        var separator = "";
        foreach (var name in names)
        {
            text.Append(separator).Append('"').Append(name).Append("\":");
            separator = random.Next(3) == 0 ? " , " : ",";
            switch (name)
            {
                case "items" when random.Next(4) != 0:
                    List(random, text, depth);
                    break;
                case "spec" when random.Next(4) != 0 && depth > 0:
                    Object(random, text, depth - 1);
                    break;
                case "name" when random.Next(4) != 0:
                    text.Append('"').Append(_texts[random.Next(_texts.Length)]).Append('"');
                    break;
                default:
                    Value(random, text, depth - 1);
                    break;
            }
        }

        text.Append('}');
    }

    // Of one kind mostly, as real lists are.
    private static void List(Random random, StringBuilder text, int depth)
    {
        text.Append('[');
        var kind = random.Next(5);
        var count = random.Next(5);
        for (var i = 0; i < count; i++)
        {
            text.Append(i > 0 ? "," : "");
            switch (kind)
            {
                case 0:
                    text.Append(random.Next(10));
                    break;
                case 1:
                    text.Append('"').Append(_texts[random.Next(_texts.Length)]).Append('"');
                    break;
                case 2 when depth > 0:
                    Object(random, text, depth - 1);
                    break;
                default:
                    Value(random, text, depth - 1);
                    break;
            }
        }

        text.Append(']');
    }
}
