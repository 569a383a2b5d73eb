using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Capstan.ApiServer.Http;

/// <summary>Reads a query as Kubernetes does: a parameter that is escaped wrongly, or that has a semicolon, counts as not said.</summary>
internal static class QueryParameters
{
    /// <summary>The parameters of a query without its question mark.</summary>
    public static IQueryCollection Parse(ReadOnlySpan<char> query)
    {
        var found = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var range in query.Split('&'))
        {
            var part = query[range];
            if (part.IsEmpty || part.Contains(';'))
            {
                continue;
            }

            var equals = part.IndexOf('=');
            if (TryUnescape(equals < 0 ? part : part[..equals], true, out var name) && TryUnescape(equals < 0 ? "" : part[(equals + 1)..], true, out var value))
            {
                // Some parameters are lists; of any other the first counts.
                found[name] = name is "dryRun" or "exclude" or "command" or "ports" || !found.TryGetValue(name, out var first) ? StringValues.Concat(found.GetValueOrDefault(name), value) : first;
            }
        }

        return new QueryCollection(found);
    }

    /// <summary>Undoes percent signs, and plus signs where they stand for spaces; false where a percent sign is not followed by two hexadecimal digits.</summary>
    public static bool TryUnescape(ReadOnlySpan<char> text, bool plusIsSpace, out string unescaped)
    {
        if (!text.ContainsAny('%', '+'))
        {
            unescaped = text.ToString();
            return true;
        }

        var bytes = new ArrayBufferWriter<byte>(text.Length);
        unescaped = "";
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                {
                    return false;
                }

                bytes.Write([(byte)((Convert.FromHexString(text.Slice(i + 1, 2)))[0])]);
                i += 2;
            }
            else
            {
                Encoding.UTF8.GetBytes(plusIsSpace && text[i] == '+' ? " " : text.Slice(i, 1), bytes);
            }
        }

        unescaped = Encoding.UTF8.GetString(bytes.WrittenSpan);
        return true;
    }
}
