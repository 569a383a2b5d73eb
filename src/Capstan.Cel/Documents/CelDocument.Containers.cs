using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Capstan.Cel.Documents;

namespace Capstan.Cel;

public sealed partial class CelDocument
{
    // Up to here a walk over all names or elements costs less than a table of them.
    private const int Small = 32;

    private ConcurrentDictionary<int, int[]>? _shortcuts;
    private long _walked;

    /// <summary>Elements of an array, properties of an object; of equal names each counts, see <see cref="HasDuplicates"/>.</summary>
    internal int Count(int container) => _nodes[container].Length;

    /// <summary>The value of a property.</summary>
    internal bool TryGet(int container, FieldName name, out int value)
    {
        ref readonly var node = ref _nodes[container];
        var guess = container + name.LastDistance;
        if (guess < node.Next && (node.Tag & TapeNode.Distinct) != 0)
        {
            ref readonly var other = ref _nodes[guess];
            if (other.Tag == name.Tag && other.Next == container && IsText(other, name.Utf8))
            {
                value = guess + 1;
                return true;
            }
        }

        if (!TryGet(container, name.Utf8, name.Tag, out value))
        {
            return false;
        }

        name.LastDistance = value - 1 - container;
        return true;
    }

    /// <inheritdoc cref="TryGet(int, FieldName, out int)"/>
    internal bool TryGet(int container, ReadOnlySpan<byte> name, out int value) => TryGet(container, name, FieldName.TagOf(name), out value);

    /// <summary>The value of a property whose name is a string of any encoding.</summary>
    internal bool TryGet(int container, in CelValue name, out int value)
    {
        if (name.TryUtf8(out var utf8))
        {
            return TryGet(container, utf8, out value);
        }

        var text = name.String;
        Span<byte> buffer = stackalloc byte[256];
        return TryGet(container, Encoding.UTF8.TryGetBytes(text, buffer, out var length) ? buffer[..length] : Encoding.UTF8.GetBytes(text), out value);
    }

    /// <summary>The names of an object in the order of the text; of equal ones the last, in the place of the first.</summary>
    internal int[] Names(int container)
    {
        var names = new int[Count(container)];
        var seen = HasDuplicates(container) ? new HashSet<int>() : null;
        var count = 0;
        for (int name = container + 1, end = After(container); name < end; name = After(name + 1))
        {
            var last = name;
            if (seen is not null)
            {
                TryGet(container, Bytes(_nodes[name]), out var value);
                last = value - 1;
                if (!seen.Add(last))
                {
                    continue;
                }
            }

            names[count++] = last;
        }

        return names[..count];
    }

    /// <summary>An element of an array; the index is in range.</summary>
    internal int Element(int array, int index)
    {
        ref readonly var node = ref _nodes[array];
        if ((node.Tag & TapeNode.Nested) == 0)
        {
            return array + 1 + index;
        }

        if (index > Small)
        {
            return Shortcut(array)[index];
        }

        var element = array + 1;
        for (; index > 0; index--)
        {
            element = After(element);
        }

        return element;
    }

    /// <summary>Whether names of an object are equal, so that it has fewer entries than properties. Looked for when it is first asked.</summary>
    internal bool HasDuplicates(int container)
    {
        ref var node = ref _nodes[container];
        if ((node.Tag & (TapeNode.Distinct | TapeNode.Duplicates)) == 0)
        {
            node.Tag |= SearchDuplicates(container) ? TapeNode.Duplicates : TapeNode.Distinct;
        }

        return (node.Tag & TapeNode.Duplicates) != 0;
    }

    private bool TryGet(int container, ReadOnlySpan<byte> name, uint tag, out int value)
    {
        ref readonly var node = ref _nodes[container];
        if (node.Length > Small && (_walked += node.Length) > 16L * node.Length)
        {
            value = Seek(Shortcut(container), name, tag, out _) + 1;
            return value > 0;
        }

        // Of equal names the last counts.
        var distinct = node.Length <= Small && !HasDuplicates(container);
        value = 0;
        for (int at = container + 1, end = node.Next; at < end; at = After(at + 1))
        {
            ref readonly var other = ref _nodes[at];
            if (other.Tag == tag && IsText(other, name))
            {
                value = at + 1;
                if (distinct)
                {
                    break;
                }
            }
        }

        return value > 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsText(in TapeNode name, ReadOnlySpan<byte> text) => name.Length == text.Length && FieldName.Same(Bytes(name), text);

    private bool SearchDuplicates(int container)
    {
        ref readonly var node = ref _nodes[container];
        if (node.Length > Small)
        {
            return Shortcut(container)[^1] != 0;
        }

        // Names whose hashes share no bit of 64 differ; few need a closer look.
        var seen = 0UL;
        for (int name = container + 1, end = node.Next; name < end; name = After(name + 1))
        {
            var bit = 1UL << (int)(_nodes[name].Tag >> 26);
            if ((seen & bit) != 0 && IsBefore(container, name))
            {
                return true;
            }

            seen |= bit;
        }

        return false;
    }

    private bool IsBefore(int container, int name)
    {
        for (var at = container + 1; at < name; at = After(at + 1))
        {
            if (_nodes[at].Tag == _nodes[name].Tag && Bytes(_nodes[at]).SequenceEqual(Bytes(_nodes[name])))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Of an array the places of its elements; of an object a hash table of its names, and at the end whether some are equal.</summary>
    private int[] Shortcut(int container)
    {
        var shortcuts = _shortcuts ?? Interlocked.CompareExchange(ref _shortcuts, new(), null) ?? _shortcuts;
        return shortcuts.TryGetValue(container, out var known) ? known
            : shortcuts[container] = Kind(container) == TapeKind.Array ? Places(container) : Table(container);
    }

    private void ForgetShortcuts()
    {
        _shortcuts = null;
        _walked = 0;
    }

    private int[] Places(int array)
    {
        var places = new int[Count(array)];
        for (int i = 0, at = array + 1; i < places.Length; i++, at = After(at))
        {
            places[i] = at;
        }

        return places;
    }

    private int[] Table(int container)
    {
        var table = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Count(container) * 2) + 1];
        table.AsSpan(0, table.Length - 1).Fill(-1);
        for (int at = container + 1, end = After(container); at < end; at = After(at + 1))
        {
            ref readonly var name = ref _nodes[at];
            if (Seek(table, Bytes(name), name.Tag, out var place) >= 0)
            {
                table[^1] = 1;
            }

            table[place] = at;
        }

        return table;
    }

    // The hash is seeded by the process: whoever writes a document cannot choose names that fall together.
    private int Seek(int[] table, ReadOnlySpan<byte> name, uint tag, out int place)
    {
        var hash = new HashCode();
        hash.AddBytes(name);
        var mask = table.Length - 2;
        for (place = hash.ToHashCode() & mask; table[place] >= 0; place = (place + 1) & mask)
        {
            ref readonly var other = ref _nodes[table[place]];
            if (other.Tag == tag && Bytes(other).SequenceEqual(name))
            {
                return table[place];
            }
        }

        return -1;
    }
}
