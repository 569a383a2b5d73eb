namespace Capstan.Cel.Documents;

/// <summary>A .NET list, read where it is.</summary>
internal sealed class ObjectList<T>(IReadOnlyList<T> items, Func<T, CelValue> read) : CelList
{
    public override int Count => items.Count;

    public override CelValue this[int index] => read(items[index]);
}
