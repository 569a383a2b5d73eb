namespace Capstan.Cel.Documents;

/// <summary>What a node of the tape is.</summary>
internal enum TapeKind : byte
{
    Null,
    False,
    True,

    /// <summary>A number without <c>.</c> and <c>e</c> that fits 64 bits: the node holds it.</summary>
    Int,

    /// <summary>Any other number: the node says where its text is.</summary>
    Double,
    String,

    /// <summary>The name of a property; its value is the next node.</summary>
    Name,
    Array,
    Object,
}
