namespace Capstan.Dashboard;

/// <summary>What a person types to find objects.</summary>
internal static class Words
{
    /// <summary>Longest text that is looked for: a namespace, a slash and a name.</summary>
    public const int MostLength = 320;

    /// <summary>Whether each word is somewhere in <c>namespace/name</c>, in capitals or not.</summary>
    public static bool Match(ObjectKey key, string words)
    {
        var text = $"{key.Namespace}/{key.Name}";
        foreach (var range in words.AsSpan().Split(' '))
        {
            if (!text.AsSpan().Contains(words.AsSpan(range), StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        return true;
    }
}
