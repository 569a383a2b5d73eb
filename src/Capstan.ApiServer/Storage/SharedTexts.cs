namespace Capstan.ApiServer.Storage;

/// <summary>Makes equal texts one: namespaces, keys and values of labels, of which a hundred thousand objects have a few. A table of fixed size that forgets,
/// so that texts that are never seen again take no room.</summary>
/// <remarks>Thread-safe: a race costs a second copy.</remarks>
internal static class SharedTexts
{
    private const int Slots = 1 << 13;
    private const int Longest = 128;
    private static readonly string?[] Table = new string?[Slots];

    /// <summary>An equal text, mostly the same as the last time.</summary>
    public static string Of(string text)
    {
        if (text.Length > Longest)
        {
            return text;
        }

        ref var slot = ref Table[string.GetHashCode(text) & (Slots - 1)];
        var there = Volatile.Read(ref slot);
        if (there is not null && there == text)
        {
            return there;
        }

        Volatile.Write(ref slot, text);
        return text;
    }
}
