using System.Globalization;
using System.Text;
using Capstan.Cel.Syntax;

namespace Capstan.Cel.Tests.Syntax;

/// <summary>A tree as text without ids and places: two trees with the same text mean the same.</summary>
internal static class TreeText
{
    public static string Of(CelExpr node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    /// <summary>The tree of a text that must parse.</summary>
    public static string Of(string expression, SyntaxOptions? options = null) => Of(Parsed.Ok(expression, options).Root);

    private static void Write(StringBuilder text, CelExpr node)
    {
        switch (node)
        {
            case LiteralExpr literal:
                text.Append(Value(literal));
                break;
            case IdentExpr ident:
                text.Append(ident.Name);
                break;
            case SelectExpr select:
                text.Append(select.IsTestOnly ? "(has " : select.IsOptional ? "(.? " : "(. ");
                Write(text, select.Operand);
                text.Append(' ').Append(select.Field).Append(')');
                break;
            case CallExpr call:
                text.Append('(').Append(call.Target is null ? "" : "on ").Append(call.Function);
                foreach (var part in call.Target is null ? call.Arguments : call.Arguments.Insert(0, call.Target))
                {
                    text.Append(' ');
                    Write(text, part);
                }

                text.Append(')');
                break;
            case ListExpr list:
                text.Append("(list");
                for (var i = 0; i < list.Elements.Length; i++)
                {
                    text.Append(list.OptionalIndices.Contains(i) ? " ?" : " ");
                    Write(text, list.Elements[i]);
                }

                text.Append(')');
                break;
            case MapExpr map:
                text.Append("(map");
                foreach (var entry in map.Entries)
                {
                    text.Append(entry.IsOptional ? " ?" : " ");
                    Write(text, entry.Key);
                    text.Append('=');
                    Write(text, entry.Value);
                }

                text.Append(')');
                break;
            case StructExpr message:
                text.Append("(new ").Append(message.TypeName);
                foreach (var field in message.Fields)
                {
                    text.Append(field.IsOptional ? " ?" : " ").Append(field.Name).Append('=');
                    Write(text, field.Value);
                }

                text.Append(')');
                break;
            case ComprehensionExpr fold:
                text.Append("(fold ").Append(fold.Variable).Append(fold.SecondVariable is null ? "" : $",{fold.SecondVariable}")
                    .Append("->").Append(fold.Accumulator);
                foreach (var part in new[] { fold.Range, fold.AccumulatorInit, fold.Condition, fold.Step, fold.Result })
                {
                    text.Append(' ');
                    Write(text, part);
                }

                text.Append(')');
                break;
            default:
                throw new InvalidOperationException(node.GetType().Name);
        }
    }

    private static string Value(LiteralExpr literal) => literal.Kind switch
    {
        LiteralKind.Null => "null",
        LiteralKind.Bool => literal.BoolValue ? "true" : "false",
        LiteralKind.Int => literal.IntValue.ToString(CultureInfo.InvariantCulture),
        LiteralKind.Uint => literal.UintValue.ToString(CultureInfo.InvariantCulture) + "u",
        LiteralKind.Double => "d" + BitConverter.DoubleToInt64Bits(literal.DoubleValue).ToString("x", CultureInfo.InvariantCulture),
        LiteralKind.String => $"'{literal.StringValue}'",
        _ => $"b'{Convert.ToHexString(literal.BytesValue.Span)}'",
    };
}
