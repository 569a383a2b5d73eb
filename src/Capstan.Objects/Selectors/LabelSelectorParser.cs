using Capstan.Schemas;

namespace Capstan.Selectors;

/// <summary>Recursive descent over one selector text. Words <c>in</c> and <c>notin</c> are operators only where an operator is expected.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private readonly List<string> _tokens = Scan(text);
    private int _position;

    // The token "" ends the list, so looking ahead never leaves it.
    private string Next => _tokens[_position];

    public List<LabelRequirement> Parse()
    {
        var requirements = new List<LabelRequirement>();
        while (Next.Length > 0)
        {
            if (!IsIdentifier(Next) && Next != "!")
            {
                throw new FormatException($"found '{Next}', expected: !, identifier, or 'end of string'");
            }

            try
            {
                requirements.Add(ParseRequirement());
            }
            catch (FormatException fault)
            {
                throw new FormatException($"unable to parse requirement: {fault.Message}", fault);
            }

            if (Next.Length == 0)
            {
                break;
            }

            if (Take() is var separator && separator != ",")
            {
                throw new FormatException($"found '{separator}', expected: ',' or 'end of string'");
            }

            if (!IsIdentifier(Next) && Next != "!")
            {
                throw new FormatException($"found '{Next}', expected: identifier after ','");
            }
        }

        return requirements;
    }

    private LabelRequirement ParseRequirement()
    {
        var absent = Next == "!";
        if (absent)
        {
            Take();
        }

        var key = Take();
        if (!IsIdentifier(key))
        {
            throw new FormatException($"found '{key}', expected: identifier");
        }

        if (LabelSyntax.KeyFaults(key) is { Count: > 0 } faults)
        {
            throw new FormatException(FieldErrors.Invalid("<nil>", key, string.Join("; ", faults)).ToString());
        }

        if (absent)
        {
            return new(key, LabelOperator.DoesNotExist, []);
        }

        if (Next is "" or ",")
        {
            return new(key, LabelOperator.Exists, []);
        }

        var @operator = ParseOperator();
        return new(key, @operator, @operator is LabelOperator.In or LabelOperator.NotIn ? ParseSet() : [ParseExactValue()]);
    }

    private LabelOperator ParseOperator() => Take() switch
    {
        "in" => LabelOperator.In,
        "notin" => LabelOperator.NotIn,
        "=" => LabelOperator.Equals,
        "==" => LabelOperator.DoubleEquals,
        "!=" => LabelOperator.NotEquals,
        ">" => LabelOperator.GreaterThan,
        "<" => LabelOperator.LessThan,
        var other => throw new FormatException($"found '{other}', expected: in, notin, =, ==, !=, gt, lt"),
    };

    private string ParseExactValue()
    {
        if (Next is "" or ",")
        {
            return "";
        }

        var value = Take();
        return IsIdentifier(value) ? value : throw new FormatException($"found '{value}', expected: identifier");
    }

    // Between commas nothing may stand: it is the empty value.
    private SortedSet<string> ParseSet()
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        if (Take() is var open && open != "(")
        {
            throw new FormatException($"found '{open}' expected: '('");
        }

        if (Next != ")" && Next != "," && !IsIdentifier(Next))
        {
            throw new FormatException($"found '{Next}', expected: ',', ')' or identifier");
        }

        while (true)
        {
            if (Next is "," or ")")
            {
                values.Add("");
            }
            else if (IsIdentifier(Next))
            {
                values.Add(Take());
                if (Next is not ("," or ")"))
                {
                    throw new FormatException($"found '{Next}', expected: ',' or ')'");
                }
            }
            else
            {
                throw new FormatException($"found '{Next}', expected: ',', or identifier");
            }

            if (Take() == ")")
            {
                return values;
            }
        }
    }

    private string Take() => _tokens[_position++];

    private static bool IsIdentifier(string token) => token.Length > 0 && !IsSymbol(token[0]);

    private static bool IsSymbol(char c) => c is '=' or '!' or '(' or ')' or ',' or '>' or '<';

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';

    private static List<string> Scan(string text)
    {
        var tokens = new List<string>();
        var at = 0;
        while (at < text.Length)
        {
            var start = at;
            if (IsSpace(text[at]))
            {
                at++;
                continue;
            }

            if (IsSymbol(text[at]))
            {
                // Of the symbols only "==" and "!=" have two characters.
                at += text[at] is '=' or '!' && at + 1 < text.Length && text[at + 1] == '=' ? 2 : 1;
            }
            else
            {
                while (at < text.Length && !IsSymbol(text[at]) && !IsSpace(text[at]))
                {
                    at++;
                }
            }

            tokens.Add(text[start..at]);
        }

        tokens.Add("");
        return tokens;
    }
}
