namespace Capstan.Cel.Costs;

/// <summary>
/// How a value is reached from a variable: the variable, then field names, <see cref="Items"/>, <see cref="Keys"/>, <see cref="Values"/>.
/// Empty when it cannot be reached so; without the variable when what it is reached from cannot.
/// </summary>
/// <remarks>
/// Paths share their parts as slices of Go do: one that is appended to keeps its room, and the next path appended to the same one overwrites
/// the last part of the first. cel-go's estimates depend on it (of <c>self.list.all(x, x.items.all(y, y == x.name))</c> the inner range has the
/// size of <c>x.name</c> in the end), and estimates decide which rules a cluster accepts.
/// </remarks>
internal readonly struct FieldPath
{
    public const string Items = "@items";
    public const string Indices = "@indices";
    public const string Keys = "@keys";
    public const string Values = "@values";

    // As long as the room that a slice of Go has.
    private readonly string[]? _room;

    private FieldPath(string[] room, int length)
    {
        _room = room;
        Length = length;
    }

    public int Length { get; }

    public ReadOnlySpan<string> Parts => _room.AsSpan(0, Length);

    public static FieldPath Of(string variable) => new([variable], 1);

    /// <summary>The path of a part. May change the last part of another path, see the remarks.</summary>
    public FieldPath Append(string part)
    {
        var room = _room ?? [];
        if (Length == room.Length)
        {
            // Go doubles too, at these sizes.
            Array.Resize(ref room, Math.Max(1, 2 * Length));
        }

        room[Length] = part;
        return new FieldPath(room, Length + 1);
    }

    /// <summary>The path of a part, without touching another path.</summary>
    public FieldPath CopyAndAppend(string part) => new([.. Parts, part], Length + 1);
}
