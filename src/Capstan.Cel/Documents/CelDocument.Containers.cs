using System.Collections.Concurrent;
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
    internal bool TryGet(int container, FieldName name, out int value) => TryGet(container, name.Utf8, name.Tag, out value);

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

        // From the last name to the first: the last of equal ones wins.
        var nodes = _nodes;
        for (var at = node.Offset; (uint)at < (uint)nodes.Length;)
        {
            ref readonly var other = ref nodes[at];
            if (other.Tag == tag && other.Length == name.Length && FieldName.Same(Bytes(other), name))
            {
                value = at + 1;
                return true;
            }

            at = other.Next;
        }

        value = 0;
        return false;
    }

    private bool SearchDuplicates(int container)
    {
        ref readonly var node = ref _nodes[container];
        if (node.Length > Small)
        {
            return Shortcut(container)[^1] != 0;
        }

        for (var at = node.Offset; at >= 0; at = _nodes[at].Next)
        {
            ref readonly var name = ref _nodes[at];
            for (var before = name.Next; before >= 0; before = _nodes[before].Next)
            {
                ref readonly var other = ref _nodes[before];
                if (other.Tag == name.Tag && Bytes(other).SequenceEqual(Bytes(name)))
                {
                    return true;
                }
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
        for (var at = _nodes[container].Offset; at >= 0; at = _nodes[at].Next)
        {
            ref readonly var name = ref _nodes[at];
            if (Seek(table, Bytes(name), name.Tag, out var free) < 0)
            {
                table[free] = at;
            }
            else
            {
                table[^1] = 1;
            }
        }

        return table;
    }

    // The hash is seeded by the process: whoever writes a document cannot choose names that fall together.
    private int Seek(int[] table, ReadOnlySpan<byte> name, uint tag, out int free)
    {
        var hash = new HashCode();
        hash.AddBytes(name);
        var mask = table.Length - 2;
        for (free = hash.ToHashCode() & mask; table[free] >= 0; free = (free + 1) & mask)
        {
            ref readonly var other = ref _nodes[table[free]];
            if (other.Tag == tag && Bytes(other).SequenceEqual(name))
            {
                return table[free];
            }
        }

        return -1;
    }
}
