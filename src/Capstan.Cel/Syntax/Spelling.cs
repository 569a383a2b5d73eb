namespace Capstan.Cel.Syntax;

/// <summary>How messages spell what was expected.</summary>
internal static class Spelling
{
    public static string Of(TokenKind kind) => kind switch
    {
        TokenKind.Colon => "':'",
        TokenKind.RightParenthesis => "')'",
        TokenKind.RightBracket => "']'",
        TokenKind.RightBrace => "'}'",
        TokenKind.Identifier => "IDENTIFIER",
        _ => kind.ToString(),
    };
}
