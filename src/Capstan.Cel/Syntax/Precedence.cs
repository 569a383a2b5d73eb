namespace Capstan.Cel.Syntax;

/// <summary>How tightly operators bind, loosest first; shared by parser and printer.</summary>
internal static class Precedence
{
    public const int Conditional = 1;
    public const int Or = 2;
    public const int And = 3;
    public const int Relation = 4;
    public const int Sum = 5;
    public const int Product = 6;
    public const int Unary = 7;
    public const int Member = 8;

    /// <summary>A left-associative operator's precedence and function; null when the token is none.</summary>
    public static (int Precedence, string Function)? OfBinary(TokenKind token) => token switch
    {
        TokenKind.Equals => (Relation, Operators.Equals),
        TokenKind.NotEquals => (Relation, Operators.NotEquals),
        TokenKind.Less => (Relation, Operators.Less),
        TokenKind.LessEquals => (Relation, Operators.LessEquals),
        TokenKind.Greater => (Relation, Operators.Greater),
        TokenKind.GreaterEquals => (Relation, Operators.GreaterEquals),
        TokenKind.In => (Relation, Operators.In),
        TokenKind.Plus => (Sum, Operators.Add),
        TokenKind.Minus => (Sum, Operators.Subtract),
        TokenKind.Star => (Product, Operators.Multiply),
        TokenKind.Slash => (Product, Operators.Divide),
        TokenKind.Percent => (Product, Operators.Modulo),
        _ => null,
    };

    /// <summary>Precedence and sign of a binary function, the logical ones included; null when it is none.</summary>
    public static (int Precedence, string Sign)? OfFunction(string function) => function switch
    {
        Operators.Or => (Or, "||"),
        Operators.And => (And, "&&"),
        Operators.Equals => (Relation, "=="),
        Operators.NotEquals => (Relation, "!="),
        Operators.Less => (Relation, "<"),
        Operators.LessEquals => (Relation, "<="),
        Operators.Greater => (Relation, ">"),
        Operators.GreaterEquals => (Relation, ">="),
        Operators.In => (Relation, "in"),
        Operators.Add => (Sum, "+"),
        Operators.Subtract => (Sum, "-"),
        Operators.Multiply => (Product, "*"),
        Operators.Divide => (Product, "/"),
        Operators.Modulo => (Product, "%"),
        _ => null,
    };
}
