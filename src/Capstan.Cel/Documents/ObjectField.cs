namespace Capstan.Cel.Documents;

/// <summary>A field of a .NET type. Immutable.</summary>
internal sealed record ObjectField<T>(string Name, CelType Type, Func<T, CelValue> Read);
