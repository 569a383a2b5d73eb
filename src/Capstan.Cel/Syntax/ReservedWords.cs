namespace Capstan.Cel.Syntax;

/// <summary>Words that are no variables and no global functions, though they may be fields and receiver functions.</summary>
internal static class ReservedWords
{
    public static bool Contains(ReadOnlySpan<char> word) => word is
        "as" or "break" or "const" or "continue" or "else" or "for" or "function" or "if" or "import" or "let" or "loop" or "package"
        or "namespace" or "return" or "var" or "void" or "while";
}
