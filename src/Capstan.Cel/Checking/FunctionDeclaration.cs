using System.Collections.Immutable;

namespace Capstan.Cel.Checking;

/// <summary>A function and its signatures. Immutable.</summary>
/// <param name="Name">Qualified name.</param>
/// <param name="Overloads">In the order in which they are tried.</param>
internal sealed record FunctionDeclaration(string Name, ImmutableArray<Overload> Overloads);
