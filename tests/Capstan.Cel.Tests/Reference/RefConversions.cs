using System.Globalization;
using System.Numerics;
using System.Text;

namespace Capstan.Cel.Tests.Reference;

/// <summary>The functions named as types, <c>type</c>, <c>dyn</c> and <c>size</c>.</summary>
internal static class RefConversions
{
    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);

    public static RefValue? Call(string function, RefValue[] a, RefDialect dialect) => (function, a) switch
    {
        ("dyn", [var x]) => x,
        ("type", [var x]) => new RefType(x.TypeName),
        ("size", [RefString x]) => new RefInt(x.CodePoints.Length),
        ("size", [RefBytes x]) => new RefInt(x.Value.Length),
        ("size", [RefList x]) => new RefInt(x.Items.Count),
        ("size", [RefMap x]) => new RefInt(x.Entries.Count),
        ("int", [RefInt x]) => x,
        ("int", [RefUint x]) => RefValue.Int(x.Value),

        // The ends of the range are no longer in it, as doubles.
        ("int", [RefDouble x]) => x.Value > -Math.Pow(2, 63) && x.Value < Math.Pow(2, 63) ? new RefInt(new BigInteger(Math.Truncate(x.Value))) : Impossible(),
        ("int", [RefString x]) => RefNumbers.ParseInt(x.Value) ?? Impossible(),
        ("int", [RefTimestamp x]) => new RefInt((x.Nanoseconds - (((x.Nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000)) / 1_000_000_000),
        ("int", [RefDuration x]) => new RefInt(x.Nanoseconds),
        ("uint", [RefUint x]) => x,
        ("uint", [RefInt x]) => RefValue.Uint(x.Value),
        ("uint", [RefDouble x]) => x.Value >= 0 && x.Value < Math.Pow(2, 64) ? new RefUint(new BigInteger(Math.Truncate(x.Value))) : Impossible(),
        ("uint", [RefString x]) => RefNumbers.ParseUint(x.Value) ?? Impossible(),
        ("double", [RefDouble x]) => x,
        ("double", [RefInt x]) => new RefDouble((long)x.Value),
        ("double", [RefUint x]) => new RefDouble((ulong)x.Value),
        ("double", [RefString x]) => RefNumbers.ParseDouble(x.Value) ?? Impossible(),
        ("bool", [RefBool x]) => x,
        ("bool", [RefString x]) => x.Value switch
        {
            "1" or "t" or "T" or "TRUE" or "true" or "True" => RefValue.True,
            "0" or "f" or "F" or "FALSE" or "false" or "False" => RefValue.False,
            _ => Impossible(),
        },
        ("string", [var x]) => Text(x),
        ("bytes", [RefBytes x]) => x,
        ("bytes", [RefString x]) => new RefBytes(Encoding.UTF8.GetBytes(x.Value)),
        ("timestamp", [RefTimestamp x]) => x,
        ("timestamp", [RefInt x]) => RefValue.Timestamp(x.Value * 1_000_000_000),
        ("timestamp", [RefString x]) => RefTimes.ParseTimestamp(x.Value, dialect) ?? Impossible(),
        ("duration", [RefDuration x]) => x,
        ("duration", [RefString x]) => RefTimes.ParseDuration(x.Value) ?? Impossible(),
        _ => null,
    };

    private static RefValue? Text(RefValue value)
    {
        switch (value)
        {
            case RefString: return value;
            case RefBool x: return new RefString(x.Value ? "true" : "false");
            case RefInt x: return new RefString(x.Value.ToString(CultureInfo.InvariantCulture));
            case RefUint x: return new RefString(x.Value.ToString(CultureInfo.InvariantCulture));
            case RefDouble x: return new RefString(RefNumbers.General(x.Value));
            case RefTimestamp x: return new RefString(RefTimes.Text(x));
            case RefDuration x: return new RefString(RefTimes.Text(x));
            case RefBytes x:
                try
                {
                    return new RefString(_strict.GetString(x.Value));
                }
                catch (DecoderFallbackException)
                {
                    return Impossible();
                }

            default: return null;
        }
    }

    private static RefError Impossible() => new("type conversion error");
}
