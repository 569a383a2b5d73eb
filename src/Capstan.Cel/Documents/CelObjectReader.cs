using System.Collections.Frozen;
using System.Collections.Immutable;
using Capstan.Cel.Documents;

namespace Capstan.Cel;

/// <summary>
/// How expressions read objects of a .NET type: each field has a name, a type and a delegate that reads it. Fields are read when an expression
/// asks for them, nothing is copied and nothing is reflected upon. The methods give changed copies. Immutable and safe for threads as far as the
/// objects are.
/// </summary>
/// <remarks>
/// Declare a variable by <see cref="Type"/>, so that the checker knows the fields, and give it values by <see cref="Of"/>, which costs one small
/// object for each that an expression comes by. An object must not change during an
/// evaluation. Objects that contain each other in a circle can be read, but not compared as wholes: that is an error.
/// </remarks>
/// <typeparam name="T">What is read.</typeparam>
public sealed class CelObjectReader<T>
{
    private readonly ImmutableArray<ObjectField<T>> _fields;
    private readonly FrozenDictionary<string, ObjectField<T>> _byName;

    /// <summary>A reader without fields.</summary>
    /// <param name="typeName">Name of the type in the checker's messages: <c>example.User</c>. Two types must not have one name.</param>
    public CelObjectReader(string typeName)
        : this(typeName, [])
    {
        ArgumentException.ThrowIfNullOrEmpty(typeName);
    }

    private CelObjectReader(string typeName, ImmutableArray<ObjectField<T>> fields)
    {
        _fields = fields;
        _byName = fields.ToFrozenDictionary(field => field.Name, StringComparer.Ordinal);
        Type = new(typeName, fields.Select(field => KeyValuePair.Create(field.Name, field.Type)));
    }

    /// <summary>The type with its fields, for <see cref="CelEnvironment.WithVariable"/>.</summary>
    public CelObjectType Type { get; }

    internal ReadOnlySpan<ObjectField<T>> Fields => _fields.AsSpan();

    /// <summary>An object as a value; null is <c>null</c>.</summary>
    public CelValue Of(T? value) => value is null ? CelValue.Null : CelValue.Of(new ObjectMap<T>(this, value));

    /// <summary>With a field.</summary>
    /// <param name="name">The name, as expressions write it.</param>
    /// <param name="type">Type of the values that <paramref name="read"/> gives.</param>
    /// <param name="read">Reads it; <c>default</c> where an object does not have it. It must not throw.</param>
    /// <exception cref="ArgumentException">There is a field of that name.</exception>
    public CelObjectReader<T> Field(string name, CelType type, Func<T, CelValue> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(read);
        return _byName.ContainsKey(name)
            ? throw new ArgumentException($"{Type.Name} has a field {name} already", nameof(name))
            : new(Type.Name, _fields.Add(new(name, type, read)));
    }

    /// <summary>With a field that is an object itself.</summary>
    /// <param name="name">The name, as expressions write it.</param>
    /// <param name="reader">How the field's object is read.</param>
    /// <param name="read">Reads it; null where an object does not have it.</param>
    public CelObjectReader<T> Field<TField>(string name, CelObjectReader<TField> reader, Func<T, TField?> read)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(read);
        return Field(name, reader.Type, value => read(value) is { } field ? reader.Of(field) : default);
    }

    /// <summary>With a field that is a list.</summary>
    /// <param name="name">The name, as expressions write it.</param>
    /// <param name="itemType">Type of the values that <paramref name="item"/> gives.</param>
    /// <param name="read">Reads the list; null where an object does not have it.</param>
    /// <param name="item">Makes a value of an element: <c>CelValue.Of</c> for strings and numbers.</param>
    public CelObjectReader<T> List<TItem>(string name, CelType itemType, Func<T, IReadOnlyList<TItem>?> read, Func<TItem, CelValue> item)
    {
        ArgumentNullException.ThrowIfNull(itemType);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(item);
        return Field(name, CelType.List(itemType), value => read(value) is { } items ? CelValue.Of(new ObjectList<TItem>(items, item)) : default);
    }

    /// <summary>With a field that is a list of objects.</summary>
    /// <param name="name">The name, as expressions write it.</param>
    /// <param name="reader">How the elements are read.</param>
    /// <param name="read">Reads the list; null where an object does not have it.</param>
    public CelObjectReader<T> List<TItem>(string name, CelObjectReader<TItem> reader, Func<T, IReadOnlyList<TItem>?> read)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return List(name, reader.Type, read, reader.Of);
    }

    /// <summary>With a field that is a map of strings to values.</summary>
    /// <param name="name">The name, as expressions write it.</param>
    /// <param name="valueType">Type of the values that <paramref name="value"/> gives.</param>
    /// <param name="read">Reads the dictionary; null where an object does not have it.</param>
    /// <param name="value">Makes a value of a dictionary's value: <c>CelValue.Of</c> for strings and numbers.</param>
    public CelObjectReader<T> Map<TValue>(
        string name, CelType valueType, Func<T, IReadOnlyDictionary<string, TValue>?> read, Func<TValue, CelValue> value)
    {
        ArgumentNullException.ThrowIfNull(valueType);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(value);
        return Field(
            name,
            CelType.Map(CelType.String, valueType),
            owner => read(owner) is { } entries ? CelValue.Of(new DictionaryMap<TValue>(entries, value)) : default);
    }

    internal ObjectField<T>? Find(string name) => _byName.GetValueOrDefault(name);
}
