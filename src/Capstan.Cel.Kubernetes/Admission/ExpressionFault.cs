namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>An expression that cannot be used. Immutable.</summary>
/// <param name="Name">The name of the expression.</param>
/// <param name="Message">What is wrong, over several lines where it has a place in the text.</param>
public sealed record ExpressionFault(string Name, string Message);
