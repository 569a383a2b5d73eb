namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>An expression and what it is called: a variable, a condition, a key. Immutable.</summary>
/// <param name="Name">The name; of a variable an identifier.</param>
/// <param name="Text">The expression.</param>
public sealed record NamedExpression(string Name, string Text);
