using System.Text;

namespace Capstan.Cluster.Node.Environments;

/// <summary>
/// Where the places of a container are on this machine. In texts (arguments, values of variables, scripts) each place that is named, as a whole or as the
/// beginning of a path, becomes the real one; so do this machine's own names for itself, which in a pod are the pod's address.
/// </summary>
/// <remarks>Pure. Files that programs read are not changed.</remarks>
internal sealed class PathMap
{
    private static readonly string[] Selves = ["localhost", "127.0.0.1", "0.0.0.0"];

    private readonly (string From, string To)[] _places;
    private readonly string _address;

    /// <param name="places">Path in the container, and directory or file here.</param>
    /// <param name="address">Of the pod.</param>
    public PathMap(IEnumerable<(string Path, string Directory)> places, string address)
    {
        _places = [.. places.Select(place => (From: place.Path.TrimEnd('/'), To: place.Directory)).Where(place => place.From.Length > 1).OrderByDescending(place => place.From.Length)];
        _address = address;
    }

    /// <summary>The text as it is meant here.</summary>
    public string Map(string text)
    {
        StringBuilder? mapped = null;
        var done = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (Find(text, at) is not { } found)
            {
                continue;
            }

            (mapped ??= new()).Append(text, done, at - done).Append(found.To);
            done = at + found.Length;
            at = done - 1;
        }

        return mapped is null ? text : mapped.Append(text, done, text.Length - done).ToString();
    }

    private (string To, int Length)? Find(string text, int at)
    {
        if (text[at] == '/')
        {
            if (at > 0 && IsOfPath(text[at - 1]) && !(text[at - 1] == '/' && at > 2 && text[at - 3] == ':'))
            {
                return null;
            }

            foreach (var (from, to) in _places)
            {
                if (string.CompareOrdinal(text, at, from, 0, from.Length) == 0 && (at + from.Length == text.Length || text[at + from.Length] == '/' || !IsOfPath(text[at + from.Length])))
                {
                    return (to, from.Length);
                }
            }
        }
        else if (text[at] is 'l' or '1' or '0' && (at == 0 || !IsOfPath(text[at - 1]) || text[at - 1] == '/'))
        {
            foreach (var self in Selves)
            {
                // A network is not an address: 0.0.0.0/0 stays.
                if (string.CompareOrdinal(text, at, self, 0, self.Length) == 0
                    && (at + self.Length == text.Length || (!IsOfPath(text[at + self.Length]) && text[at + self.Length] != '/') || IsUrlPath(text, at + self.Length)))
                {
                    return (_address, self.Length);
                }
            }
        }

        return null;
    }

    private static bool IsUrlPath(string text, int at) => text[at] == '/' && (at + 1 == text.Length || !char.IsAsciiDigit(text[at + 1]));

    private static bool IsOfPath(char character) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-' or '/';
}
