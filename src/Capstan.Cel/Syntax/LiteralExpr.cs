namespace Capstan.Cel.Syntax;

/// <summary>The kinds of value that text can spell.</summary>
internal enum LiteralKind
{
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
}

/// <summary>A literal. Numbers are not boxed; each property holds only for its <see cref="Kind"/>.</summary>
internal sealed class LiteralExpr : CelExpr
{
    private readonly long _bits;
    private readonly object? _reference;

    private LiteralExpr(int id, SourceSpan span, LiteralKind kind, long bits, object? reference)
        : base(id, span, 1)
    {
        Kind = kind;
        _bits = bits;
        _reference = reference;
    }

    public LiteralKind Kind { get; }

    public bool BoolValue => _bits != 0;

    public long IntValue => _bits;

    public ulong UintValue => (ulong)_bits;

    public double DoubleValue => BitConverter.Int64BitsToDouble(_bits);

    public string StringValue => (string)_reference!;

    public ReadOnlyMemory<byte> BytesValue => (byte[])_reference!;

    public static LiteralExpr Null(int id, SourceSpan span) => new(id, span, LiteralKind.Null, 0, null);

    public static LiteralExpr Bool(int id, SourceSpan span, bool value) => new(id, span, LiteralKind.Bool, value ? 1 : 0, null);

    public static LiteralExpr Int(int id, SourceSpan span, long value) => new(id, span, LiteralKind.Int, value, null);

    public static LiteralExpr Uint(int id, SourceSpan span, ulong value) => new(id, span, LiteralKind.Uint, (long)value, null);

    public static LiteralExpr Double(int id, SourceSpan span, double value) =>
        new(id, span, LiteralKind.Double, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>A string of valid UTF-16: it holds no lone surrogate.</summary>
    public static LiteralExpr String(int id, SourceSpan span, string value) => new(id, span, LiteralKind.String, 0, value);

    public static LiteralExpr Bytes(int id, SourceSpan span, byte[] value) => new(id, span, LiteralKind.Bytes, 0, value);

    /// <summary>The same value under another identity.</summary>
    public LiteralExpr WithId(int id) => new(id, Span, Kind, _bits, _reference);
}
