using System.Text.Json.Nodes;

namespace Capstan.Kinds;

/// <summary>How the fields of a built-in type write zero values.</summary>
/// <param name="LeftOut">Scalars that are left out when they are zero.</param>
/// <param name="Always">Fields that are always written, and how when they are zero: an empty object stands for a structure. Clone before use.</param>
public sealed record ZeroFields(IReadOnlySet<string> LeftOut, IReadOnlyList<(string Field, JsonNode? Zero)> Always);
