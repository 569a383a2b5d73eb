using System.Text;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes.Rules;

/// <summary>The <c>fieldPath</c> of a rule: <c>.spec.ports['a']</c>, of fields and keys that the schema has. Items of lists have no such path.</summary>
internal static class RelativePath
{
    /// <summary>The path as errors show it; null when it leads to nothing.</summary>
    public static string? Normalize(string path, Schema schema)
    {
        FieldPath? result = null;
        var at = 0;
        while (Next(path, ref at) is { } token)
        {
            var name = Next(path, ref at);
            if (token == "[")
            {
                name = name is null ? null : Unquote(name);
                if (Next(path, ref at) != "]")
                {
                    return null;
                }
            }
            else if (token != ".")
            {
                return null;
            }

            if (name is null || Step(schema, name, ref result) is not { } next)
            {
                return null;
            }

            schema = next;
        }

        return FieldPath.Text(result);
    }

    private static Schema? Step(Schema schema, string name, ref FieldPath? path)
    {
        if (schema.Properties is { Count: > 0 } fields)
        {
            path = FieldPath.Child(path, name);
            return fields.GetValueOrDefault(name);
        }

        path = FieldPath.Key(path, name);
        return schema.AdditionalProperties;
    }

    /// <summary>A delimiter, a quoted text with its quotes, or what stands before the next delimiter.</summary>
    private static string? Next(string path, ref int at)
    {
        if (at >= path.Length)
        {
            return null;
        }

        var start = at++;
        if (path[start] == '\'')
        {
            while (at < path.Length && (path[at] != '\'' || path[at - 1] == '\\'))
            {
                at++;
            }

            at = Math.Min(at + 1, path.Length);
        }
        else if (path[start] is not ('.' or '[' or ']'))
        {
            while (at < path.Length && path[at] is not ('.' or '[' or ']'))
            {
                at++;
            }
        }

        return path[start..at];
    }

    private static string? Unquote(string token)
    {
        if (token.Length < 2 || token[0] != '\'' || token[^1] != '\'')
        {
            return null;
        }

        var text = new StringBuilder(token.Length);
        for (var i = 1; i < token.Length - 1; i++)
        {
            // A line break is not escaped by what stands before it.
            if (token[i] != '\\' || i + 1 == token.Length - 1 || token[i + 1] == '\n')
            {
                text.Append(token[i]);
                continue;
            }

            var meaning = "abfnrtv'\\".IndexOf(token[++i], StringComparison.Ordinal);
            if (meaning < 0)
            {
                return null;
            }

            text.Append("\a\b\f\n\r\t\v'\\"[meaning]);
        }

        return text.ToString();
    }
}
