using System.Text;

namespace Capstan.Cel.Kubernetes;

/// <summary>How a property's name is written as a CEL identifier: <c>a.b</c> is <c>a__dot__b</c>, <c>for</c> is <c>__for__</c>.</summary>
public static class FieldNameEscaping
{
    private static readonly HashSet<string> Reserved =
    [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
        "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    ];

    /// <summary>The identifier for a property; null when it has none: it is empty, starts with a digit, or has other than <c>[a-zA-Z0-9_.-/]</c>.</summary>
    public static string? Escape(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            return null;
        }

        if (Reserved.Contains(name))
        {
            return $"__{name}__";
        }

        var escaped = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '_' && i + 1 < name.Length && name[i + 1] == '_')
            {
                escaped.Append("__underscores__");
                i++;
            }
            else if (name[i] == '_' || char.IsAsciiLetterOrDigit(name[i]))
            {
                escaped.Append(name[i]);
            }
            else if (name[i] switch { '.' => "__dot__", '-' => "__dash__", '/' => "__slash__", _ => null } is { } symbol)
            {
                escaped.Append(symbol);
            }
            else
            {
                return null;
            }
        }

        return escaped.ToString();
    }

    /// <summary>The property that an identifier stands for; null when it has an escape that means nothing.</summary>
    public static string? Unescape(string identifier)
    {
        var name = new StringBuilder(identifier.Length);
        for (var i = 0; i < identifier.Length;)
        {
            if (EscapeAt(identifier, i) is not { } content)
            {
                name.Append(identifier[i++]);
                continue;
            }

            var whole = content.Length + 4 == identifier.Length;
            var meaning = content switch
            {
                "underscores" => "__",
                "dot" => ".",
                "dash" => "-",
                "slash" => "/",
                _ => whole && Reserved.Contains(content) ? content : null,
            };
            if (meaning is null)
            {
                return null;
            }

            name.Append(meaning);
            i += content.Length + 4;
        }

        return name.ToString();
    }

    /// <summary>What stands between two pairs of underscores from <paramref name="start"/> on, if anything does.</summary>
    private static string? EscapeAt(string identifier, int start)
    {
        if (!identifier.AsSpan(start).StartsWith("__"))
        {
            return null;
        }

        var end = identifier.IndexOf('_', start + 2);
        return end > start + 2 && identifier.AsSpan(end).StartsWith("__") ? identifier[(start + 2)..end] : null;
    }
}
