namespace Capstan.Cel.Documents;

/// <summary>A .NET dictionary of strings, read where it is.</summary>
internal sealed class DictionaryMap<T>(IReadOnlyDictionary<string, T> entries, Func<T, CelValue> read) : CelMap
{
    // A dictionary has no positions: its names are put in a row when somebody loops over them.
    private string[]? _names;

    public override int Count => entries.Count;

    public override (CelValue Key, CelValue Value) Entry(int index)
    {
        var name = (_names ??= [.. entries.Keys])[index];
        return (CelValue.Of(name), read(entries[name]));
    }

    public override bool TryGet(in CelValue key, out CelValue value)
    {
        if (key.Kind == CelKind.String && entries.TryGetValue(key.String, out var found))
        {
            value = read(found);
            return true;
        }

        value = default;
        return false;
    }
}
