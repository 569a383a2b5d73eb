namespace Capstan.Cel.Tests.Fuzz;

/// <summary>A piece of a generated expression: text with other pieces between. It is a tree so that a failing expression can be made smaller.</summary>
internal sealed record Piece(string Format, params Piece[] Parts)
{
    /// <summary>What a piece is replaced by when it is not the fault.</summary>
    private static readonly Piece[] _simplest = [new("0"), new("true"), new("''"), new("[]"), new("{}"), new("null")];

    public int Size => 1 + Parts.Sum(p => p.Size);

    /// <summary>The text: in <see cref="Format"/> each <c>§</c> stands for the next part.</summary>
    public override string ToString()
    {
        var texts = Format.Split('§');
        return string.Concat(texts.Select((t, i) => i < Parts.Length ? t + Parts[i] : t));
    }

    /// <summary>The smallest expression found that still fails.</summary>
    public static Piece Shrink(Piece failing, Func<Piece, bool> fails)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            if (failing.Smaller().FirstOrDefault(p => p.Size + p.ToString().Length < failing.Size + failing.ToString().Length && fails(p)) is not { } smaller)
            {
                break;
            }

            failing = smaller;
        }

        return failing;
    }

    // A part in the place of the whole, something simple instead of it, or the same of one of the parts.
    private IEnumerable<Piece> Smaller()
    {
        foreach (var part in Parts)
        {
            yield return part;
        }

        foreach (var simple in _simplest)
        {
            yield return simple;
        }

        for (var i = 0; i < Parts.Length; i++)
        {
            foreach (var smaller in Parts[i].Smaller())
            {
                yield return this with { Parts = [.. Parts[..i], smaller, .. Parts[(i + 1)..]] };
            }
        }
    }
}
