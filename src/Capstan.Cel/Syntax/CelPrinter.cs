using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Capstan.Cel.Syntax;

/// <summary>
/// Writes a tree as text that parses to the same tree: macros as they were called, parentheses only where the grammar needs them. Recurses as
/// deep as the tree is high, which its parser bounded.
/// </summary>
internal sealed class CelPrinter
{
    private static readonly IReadOnlyDictionary<int, CallExpr> _noMacros = new Dictionary<int, CallExpr>();

    private readonly StringBuilder _text = new();
    private readonly IReadOnlyDictionary<int, CallExpr> _macroCalls;

    private CelPrinter(IReadOnlyDictionary<int, CallExpr> macroCalls) => _macroCalls = macroCalls;

    public static string Print(CelAst ast) => Print(ast.Root, ast.MacroCalls);

    /// <summary>Prints a part of a tree. What a macro made and the calls do not know is shown as cel-go's debug names: it does not parse.</summary>
    public static string Print(CelExpr node, IReadOnlyDictionary<int, CallExpr>? macroCalls = null)
    {
        var printer = new CelPrinter(macroCalls ?? _noMacros);
        printer.Write(node);
        return printer._text.ToString();
    }

    private CelExpr AsWritten(CelExpr node) => _macroCalls.TryGetValue(node.Id, out var call) ? call : node;

    private void Write(CelExpr node)
    {
        switch (AsWritten(node))
        {
            case LiteralExpr literal:
                LiteralText.Write(_text, literal);
                break;
            case IdentExpr ident:
                _text.Append(ident.Name);
                break;
            case SelectExpr { IsTestOnly: true } select:
                _text.Append("has(");
                WriteAtLeast(Precedence.Member, select.Operand);
                _text.Append('.');
                WriteField(select.Field);
                _text.Append(')');
                break;
            case SelectExpr select:
                WriteAtLeast(Precedence.Member, select.Operand);
                _text.Append(select.IsOptional ? ".?" : ".");
                WriteField(select.Field);
                break;
            case CallExpr call:
                WriteCall(call);
                break;
            case ListExpr list:
                WriteList(list);
                break;
            case MapExpr map:
                WriteMap(map);
                break;
            case StructExpr message:
                WriteStruct(message);
                break;
            case ComprehensionExpr fold:
                WriteComprehension(fold);
                break;
        }
    }

    private void WriteAtLeast(int precedence, CelExpr node)
    {
        if (PrecedenceOf(AsWritten(node)) >= precedence)
        {
            Write(node);
            return;
        }

        _text.Append('(');
        Write(node);
        _text.Append(')');
    }

    private static int PrecedenceOf(CelExpr node) => node is not CallExpr { Target: null } call ? Precedence.Member
        : (call.Function, call.Arguments.Length) switch
        {
            (Operators.Conditional, 3) => Precedence.Conditional,
            (Operators.Not or Operators.Negate, 1) => Precedence.Unary,
            (_, 2) => Precedence.OfFunction(call.Function)?.Precedence ?? Precedence.Member,
            _ => Precedence.Member,
        };

    private void WriteCall(CallExpr call)
    {
        if (call.Target is not null)
        {
            WriteAtLeast(Precedence.Member, call.Target);
            _text.Append('.');
            WriteArguments(call);
            return;
        }

        switch (call.Function, call.Arguments)
        {
            case (Operators.Conditional, [var condition, var whenTrue, var whenFalse]):
                WriteAtLeast(Precedence.Or, condition);
                _text.Append(" ? ");
                WriteAtLeast(Precedence.Or, whenTrue);
                _text.Append(" : ");
                Write(whenFalse);
                break;
            case (Operators.Not, [var operand]):
                _text.Append('!');
                WriteAtLeast(Precedence.Member, operand);
                break;
            case (Operators.Negate, [var operand]):
                WriteNegation(operand);
                break;
            case (Operators.Index or Operators.OptionalIndex, [var operand, var index]):
                WriteAtLeast(Precedence.Member, operand);
                _text.Append(call.Function == Operators.Index ? "[" : "[?");
                Write(index);
                _text.Append(']');
                break;
            case (Operators.And or Operators.Or, [_, _]):
                WriteLogical(call);
                break;
            case (_, [var left, var right]) when Precedence.OfFunction(call.Function) is var (precedence, sign):
                WriteAtLeast(precedence, left);
                _text.Append(' ').Append(sign).Append(' ');
                WriteAtLeast(precedence + 1, right);
                break;
            default:
                WriteArguments(call);
                break;
        }
    }

    // A number or another sign behind the minus would become one with it, also at the head of a chain.
    private void WriteNegation(CelExpr operand)
    {
        _text.Append('-');
        var start = _text.Length;
        WriteAtLeast(Precedence.Member, operand);
        if (_text[start] is '-' or '.' or (>= '0' and <= '9') && !(_text[start] == '.' && !char.IsAsciiDigit(_text[start + 1])))
        {
            _text.Insert(start, '(').Append(')');
        }
    }

    /// <summary>Without parentheses a chain is read as a balanced tree; any other shape says its shape.</summary>
    private void WriteLogical(CallExpr call)
    {
        var precedence = call.Function == Operators.And ? Precedence.And : Precedence.Or;
        var sign = call.Function == Operators.And ? " && " : " || ";
        var terms = ImmutableArray.CreateBuilder<CelExpr>();
        CollectTerms(call, call.Function, terms);
        if (!IsBalanced(call, call.Function, terms.Count - 1))
        {
            terms.Clear();
            terms.AddRange(call.Arguments);
        }

        for (var i = 0; i < terms.Count; i++)
        {
            _text.Append(i == 0 ? "" : sign);
            WriteAtLeast(precedence + 1, terms[i]);
        }
    }

    private void CollectTerms(CelExpr node, string function, ImmutableArray<CelExpr>.Builder terms)
    {
        if (AsWritten(node) is CallExpr { Target: null, Arguments: [var left, var right] } call && call.Function == function)
        {
            CollectTerms(left, function, terms);
            CollectTerms(right, function, terms);
        }
        else
        {
            terms.Add(node);
        }
    }

    /// <summary>Whether a tree of so many operators has the shape that <see cref="LogicalChain"/> gives them.</summary>
    private bool IsBalanced(CelExpr node, string function, int operators)
    {
        var call = AsWritten(node) is CallExpr { Target: null, Arguments.Length: 2 } c && c.Function == function ? c : null;
        if (call is null || operators == 0)
        {
            return call is null && operators == 0;
        }

        var middle = LogicalChain.Middle(0, operators - 1);
        return IsBalanced(call.Arguments[0], function, middle) && IsBalanced(call.Arguments[1], function, operators - middle - 1);
    }

    private void WriteArguments(CallExpr call)
    {
        _text.Append(call.Function).Append('(');
        for (var i = 0; i < call.Arguments.Length; i++)
        {
            _text.Append(i == 0 ? "" : ", ");
            Write(call.Arguments[i]);
        }

        _text.Append(')');
    }

    private void WriteList(ListExpr list)
    {
        _text.Append('[');
        for (int i = 0, optional = 0; i < list.Elements.Length; i++)
        {
            _text.Append(i == 0 ? "" : ", ");
            if (optional < list.OptionalIndices.Length && list.OptionalIndices[optional] == i)
            {
                optional++;
                _text.Append('?');
            }

            Write(list.Elements[i]);
        }

        _text.Append(']');
    }

    private void WriteMap(MapExpr map)
    {
        _text.Append('{');
        for (var i = 0; i < map.Entries.Length; i++)
        {
            var entry = map.Entries[i];
            _text.Append(i == 0 ? "" : ", ").Append(entry.IsOptional ? "?" : "");
            Write(entry.Key);
            _text.Append(": ");
            Write(entry.Value);
        }

        _text.Append('}');
    }

    private void WriteStruct(StructExpr message)
    {
        _text.Append(message.TypeName).Append('{');
        for (var i = 0; i < message.Fields.Length; i++)
        {
            var field = message.Fields[i];
            _text.Append(i == 0 ? "" : ", ").Append(field.IsOptional ? "?" : "");
            WriteField(field.Name);
            _text.Append(": ");
            Write(field.Value);
        }

        _text.Append('}');
    }

    private void WriteField(string name) => _text.Append(IsPlain(name) ? name : $"`{name}`");

    private static bool IsPlain(string name) =>
        name is not ("true" or "false" or "null" or "in") && name is [not (>= '0' and <= '9'), ..]
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private void WriteComprehension(ComprehensionExpr fold)
    {
        _text.Append("__comprehension__(");
        Write(fold.Range);
        _text.Append(CultureInfo.InvariantCulture, $", {fold.Variable}{(fold.SecondVariable is null ? "" : $", {fold.SecondVariable}")}, {fold.Accumulator}");
        foreach (var part in new[] { fold.AccumulatorInit, fold.Condition, fold.Step, fold.Result })
        {
            _text.Append(", ");
            Write(part);
        }

        _text.Append(')');
    }
}
