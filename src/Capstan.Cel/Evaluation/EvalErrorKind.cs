namespace Capstan.Cel.Evaluation;

/// <summary>Why an evaluation has no value.</summary>
internal enum EvalErrorKind : byte
{
    /// <summary>An operation on values failed: the number is the <see cref="Values.CelErrorKind"/>.</summary>
    Value,
    NoSuchOverload,
    NoSuchKey,
    IndexOutOfBounds,
    DuplicateKey,
    UnsupportedKey,
    UndeclaredReference,
    Unbound,
    OptionalNone,

    /// <summary>The detail is the message.</summary>
    Message,
    Cancelled,
    CostLimitExceeded,
}
