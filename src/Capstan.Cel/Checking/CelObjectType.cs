using System.Collections.Frozen;

namespace Capstan.Cel;

/// <summary>A type of named fields. Two of one name are the same type.</summary>
/// <param name="name">Qualified name, also that of its message literals.</param>
/// <param name="fieldType">
/// The type of a field, null where there is none. Asked while checking, so types may refer to each other; safe for use by several threads.
/// </param>
public sealed class CelObjectType(string name, Func<string, CelType?> fieldType) : CelType(CelTypeKind.Object, name)
{
    /// <summary>A type of these fields.</summary>
    public CelObjectType(string name, IEnumerable<KeyValuePair<string, CelType>> fields)
        : this(name, Lookup(fields))
    {
    }

    /// <summary>The type of a field, null where there is none.</summary>
    public CelType? FieldType(string field) => fieldType(field);

    private static Func<string, CelType?> Lookup(IEnumerable<KeyValuePair<string, CelType>> fields)
    {
        var byName = fields.ToFrozenDictionary(StringComparer.Ordinal);
        return field => byName.GetValueOrDefault(field);
    }
}
