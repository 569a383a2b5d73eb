namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>A JSON array whose items are typed by their schema when they are asked for.</summary>
internal class SchemaList(SchemaShape element, CelList raw) : CelList
{
    /// <summary>The items as they are in JSON, or as an expression made them.</summary>
    public CelList Raw => raw;

    public override int Count => raw.Count;

    internal override ulong Weight => raw.Weight;

    public override CelValue this[int index] => element.Read(raw[index]);

    internal override bool IsZero => false;

    protected SchemaShape Element => element;
}
