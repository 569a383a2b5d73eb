namespace Capstan.Cel;

/// <summary>
/// A function of values, the receiver first. It picks its overload by their kinds, gives <see cref="CelValue.Failure"/> where it has no value, and
/// is never given an error.
/// </summary>
public delegate CelValue CelFunction(ReadOnlySpan<CelValue> arguments);
