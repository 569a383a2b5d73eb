using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Capstan.Schemas;

namespace Capstan.Kinds;

/// <summary>The fields of a built-in type, made when somebody first looks at one. Thread-safe.</summary>
internal sealed class LateFields : IReadOnlyDictionary<string, Schema>
{
    private Func<IReadOnlyDictionary<string, Schema>>? _make;
    private IReadOnlyDictionary<string, Schema>? _made;

    /// <param name="count">How many there are.</param>
    /// <param name="make">Makes them; of two that are made at once, one is kept.</param>
    public LateFields(int count, Func<IReadOnlyDictionary<string, Schema>> make)
    {
        Count = count;
        _make = make;
    }

    /// <summary>Whether somebody has looked.</summary>
    public bool Made => Volatile.Read(ref _made) is not null;

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Keys => Fields.Keys;

    /// <inheritdoc/>
    public IEnumerable<Schema> Values => Fields.Values;

    private IReadOnlyDictionary<string, Schema> Fields => Volatile.Read(ref _made) ?? Make();

    /// <inheritdoc/>
    public Schema this[string key] => Fields[key];

    /// <inheritdoc/>
    public bool ContainsKey(string key) => Fields.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Schema value) => Fields.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Schema>> GetEnumerator() => Fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private IReadOnlyDictionary<string, Schema> Make()
    {
        if (Volatile.Read(ref _make) is { } make)
        {
            Interlocked.CompareExchange(ref _made, make(), null);
            Volatile.Write(ref _make, null);
        }

        return Volatile.Read(ref _made)!;
    }
}
