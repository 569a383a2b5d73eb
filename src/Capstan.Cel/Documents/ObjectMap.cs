namespace Capstan.Cel.Documents;

/// <summary>A .NET object, read through its reader's delegates. Fields that it does not have are not there.</summary>
internal sealed class ObjectMap<T>(CelObjectReader<T> reader, T value) : CelMap
{
    public override int Count
    {
        get
        {
            var count = 0;
            foreach (var each in reader.Fields)
            {
                count += each.Read(value).Kind == CelKind.None ? 0 : 1;
            }

            return count;
        }
    }

    // Found by counting: only comparisons of whole objects and loops over names ask, and every object would pay for a list to keep.
    public override (CelValue Key, CelValue Value) Entry(int index)
    {
        foreach (var each in reader.Fields)
        {
            var found = each.Read(value);
            if (found.Kind != CelKind.None && index-- == 0)
            {
                return (CelValue.Of(each.Name), found);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(index));
    }

    public override bool TryGet(in CelValue key, out CelValue field)
    {
        field = key.Kind == CelKind.String && reader.Find(key.String) is { } found ? found.Read(value) : default;
        return field.Kind != CelKind.None;
    }
}
