using System.Text;

namespace Capstan.Client;

/// <summary>Reads the texts out of a <c>Warning</c> header: <c>299 - "text", 299 - "text"</c>, with backslash escapes.</summary>
internal static class WarningText
{
    public static IEnumerable<string> Read(string header)
    {
        var at = 0;
        while ((at = header.IndexOf('"', at)) >= 0)
        {
            var text = new StringBuilder();
            for (at++; at < header.Length && header[at] != '"'; at++)
            {
                if (header[at] == '\\' && at + 1 < header.Length)
                {
                    at++;
                }

                text.Append(header[at]);
            }

            at++;
            yield return text.ToString();
            if (at > header.Length)
            {
                yield break;
            }

            // A date in quotes may follow the text; the next warning begins after a comma.
            at = header.IndexOf(',', at);
            if (at < 0)
            {
                yield break;
            }
        }
    }
}
