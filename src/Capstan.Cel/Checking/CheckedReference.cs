using System.Collections.Immutable;

namespace Capstan.Cel.Checking;

/// <summary>What a node refers to.</summary>
internal enum ReferenceKind
{
    /// <summary>A variable of the environment: of a name, or of a chain of selections that spells its name.</summary>
    Variable,

    /// <summary>A variable of a comprehension or of a block.</summary>
    Local,

    /// <summary>A type as a value.</summary>
    Type,

    /// <summary>A function; what stands before the dot may be part of its name.</summary>
    Function,

    /// <summary>The type of a message literal.</summary>
    Message,
}

/// <summary>What a node was resolved to. Immutable.</summary>
/// <param name="Kind">The kind of thing.</param>
/// <param name="Name">Its name in full, without a dot in front.</param>
internal sealed record CheckedReference(ReferenceKind Kind, string Name)
{
    /// <summary>Of a function: the overloads that may be meant, one when the types say which; in the order declared.</summary>
    public ImmutableArray<string> Overloads { get; init; } = [];

    /// <summary>Of a function: whether the call's target is a receiver. False when it is part of the function's name, or there is none.</summary>
    public bool HasReceiver { get; init; }
}
