using System.Text;

namespace Capstan.Cluster.Node.Environments;

/// <summary>Kubernetes' <c>$(NAME)</c> in commands, arguments and values; <c>$$</c> is a dollar, and what is not known stays as written.</summary>
internal static class VariableText
{
    /// <summary>Longest result: a value that names itself many times grows with each.</summary>
    public const int Limit = 1 << 20;

    /// <exception cref="FormatException">The result would be longer than <see cref="Limit"/>.</exception>
    public static string Expand(string text, IReadOnlyDictionary<string, string> values)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '$' || at + 1 == text.Length)
            {
                result.Append(text[at]);
            }
            else if (text[at + 1] == '$')
            {
                result.Append('$');
                at++;
            }
            else if (text[at + 1] == '(' && text.IndexOf(')', at + 2) is > 0 and var end)
            {
                var name = text[(at + 2)..end];
                result.Append(values.TryGetValue(name, out var value) ? value : text[at..(end + 1)]);
                at = end;
            }
            else
            {
                result.Append('$');
            }

            if (result.Length > Limit)
            {
                throw new FormatException($"a variable is longer than {Limit} characters");
            }
        }

        return result.ToString();
    }
}
