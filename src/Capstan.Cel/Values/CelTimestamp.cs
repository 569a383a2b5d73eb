namespace Capstan.Cel.Values;

/// <summary>
/// CEL's <c>google.protobuf.Timestamp</c>: an instant of the years 0001 to 9999 in nanoseconds. Every operation keeps to that range.
/// </summary>
/// <remarks>
/// cel-go keeps the offset that a text was written with: it prints with it, and getters without a zone answer by it. <see cref="OffsetMinutes"/>
/// holds it where the reader was asked to keep it; the specification wants UTC. It never counts in comparisons.
/// </remarks>
public readonly struct CelTimestamp : IEquatable<CelTimestamp>, IComparable<CelTimestamp>
{
    /// <summary>0001-01-01T00:00:00Z in seconds since 1970.</summary>
    public const long MinSeconds = -62135596800;

    /// <summary>9999-12-31T23:59:59Z in seconds since 1970.</summary>
    public const long MaxSeconds = 253402300799;

    private const int NanosPerSecond = 1_000_000_000;

    internal CelTimestamp(long seconds, int nanos, short offsetMinutes) => (Seconds, Nanos, OffsetMinutes) = (seconds, nanos, offsetMinutes);

    /// <summary>Seconds since 1970-01-01T00:00:00Z; also the answer of <c>int(timestamp)</c>.</summary>
    public long Seconds { get; }

    /// <summary>Nanoseconds within the second, 0 to 999,999,999.</summary>
    public int Nanos { get; }

    /// <summary>Minutes east of UTC that the text was written with, 0 unless it was asked for.</summary>
    public short OffsetMinutes { get; }

    /// <summary>An instant; false: out of the years 0001 to 9999 (timestamp overflow) or <paramref name="nanos"/> out of the second.</summary>
    public static bool TryCreate(long seconds, int nanos, out CelTimestamp value)
    {
        var fits = seconds is >= MinSeconds and <= MaxSeconds && nanos is >= 0 and < NanosPerSecond;
        value = fits ? new(seconds, nanos, 0) : default;
        return fits;
    }

    /// <summary>An instant of .NET, with the offset it has.</summary>
    public static CelTimestamp Of(DateTimeOffset time)
    {
        var (seconds, ticks) = Math.DivRem(time.UtcTicks, TimeSpan.TicksPerSecond);
        return new(seconds + MinSeconds, (int)ticks * 100, (short)time.TotalOffsetMinutes);
    }

    /// <summary>The instant in UTC. .NET counts in 100 ns: what is below is cut off.</summary>
    public DateTimeOffset ToDateTimeOffset() => DateTimeOffset.UnixEpoch.AddTicks((Seconds * TimeSpan.TicksPerSecond) + (Nanos / 100));

    /// <summary>
    /// Reads RFC 3339, with what cel-go also takes: hours of one digit, a comma before the fraction, offsets to 24:60. Digits after the ninth are dropped.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="keepOffset">Keep the offset, as Kubernetes does.</param>
    /// <param name="value">The instant.</param>
    /// <returns><see cref="CelErrorKind.TypeConversion"/>: not of the form; <see cref="CelErrorKind.TimestampOverflow"/>: out of range.</returns>
    public static CelErrorKind Parse(ReadOnlySpan<char> text, bool keepOffset, out CelTimestamp value)
    {
        value = default;
        if (!TimestampText.TryRead(text, out var seconds, out var nanos, out var offset)) return CelErrorKind.TypeConversion;
        if (seconds is < MinSeconds or > MaxSeconds) return CelErrorKind.TimestampOverflow;
        value = new(seconds, nanos, keepOffset ? offset : (short)0);
        return CelErrorKind.None;
    }

    /// <summary>Later by <paramref name="duration"/>; false: timestamp overflow.</summary>
    public bool TryAdd(CelDuration duration, out CelTimestamp result) => TryMove(duration.Nanoseconds / NanosPerSecond, (int)(duration.Nanoseconds % NanosPerSecond), out result);

    /// <summary>Earlier by <paramref name="duration"/>; int overflow for the one duration that cannot be negated, as in cel-go.</summary>
    public CelErrorKind Subtract(CelDuration duration, out CelTimestamp result)
    {
        result = default;
        if (!duration.TryNegate(out var back)) return CelErrorKind.IntOverflow;
        return TryAdd(back, out result) ? CelErrorKind.None : CelErrorKind.TimestampOverflow;
    }

    /// <summary>The time since <paramref name="other"/>; false: more than a duration holds (int overflow).</summary>
    public bool TrySubtract(CelTimestamp other, out CelDuration result)
    {
        result = default;
        if (!CelNumbers.TryMultiply(Seconds - other.Seconds, NanosPerSecond, out var whole)) return false;
        if (!CelNumbers.TryAdd(whole, Nanos - other.Nanos, out var nanoseconds)) return false;
        result = new(nanoseconds);
        return true;
    }

    /// <summary>A field of the date or time of day at <see cref="OffsetMinutes"/> (UTC unless kept).</summary>
    internal long Get(CelTimeField field) => CelCalendar.Get(field, Seconds + (OffsetMinutes * 60), Nanos);

    /// <summary>A field in <paramref name="zone"/>.</summary>
    internal long Get(CelTimeField field, CelTimeZone zone) => CelCalendar.Get(field, Seconds + zone.OffsetAt(Seconds), Nanos);

    /// <summary>The same instant told in UTC.</summary>
    internal CelTimestamp ToUniversalTime() => new(Seconds, Nanos, 0);

    /// <inheritdoc/>
    public int CompareTo(CelTimestamp other) => Seconds == other.Seconds ? Nanos.CompareTo(other.Nanos) : Seconds.CompareTo(other.Seconds);

    /// <inheritdoc/>
    public bool Equals(CelTimestamp other) => Seconds == other.Seconds && Nanos == other.Nanos;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CelTimestamp other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Seconds, Nanos);

    /// <summary>RFC 3339 with as many digits of the fraction as there are, <c>Z</c> for UTC.</summary>
    public override string ToString() => TimestampText.Write(this);

    /// <summary>Same instant?</summary>
    public static bool operator ==(CelTimestamp left, CelTimestamp right) => left.Equals(right);

    /// <summary>Other instant?</summary>
    public static bool operator !=(CelTimestamp left, CelTimestamp right) => !left.Equals(right);

    /// <summary>Before?</summary>
    public static bool operator <(CelTimestamp left, CelTimestamp right) => left.CompareTo(right) < 0;

    /// <summary>After?</summary>
    public static bool operator >(CelTimestamp left, CelTimestamp right) => left.CompareTo(right) > 0;

    /// <summary>Not after?</summary>
    public static bool operator <=(CelTimestamp left, CelTimestamp right) => left.CompareTo(right) <= 0;

    /// <summary>Not before?</summary>
    public static bool operator >=(CelTimestamp left, CelTimestamp right) => left.CompareTo(right) >= 0;

    private bool TryMove(long seconds, int nanos, out CelTimestamp result)
    {
        var movedNanos = Nanos + nanos;
        var movedSeconds = Seconds + seconds;
        if (movedNanos < 0) (movedNanos, movedSeconds) = (movedNanos + NanosPerSecond, movedSeconds - 1);
        else if (movedNanos >= NanosPerSecond) (movedNanos, movedSeconds) = (movedNanos - NanosPerSecond, movedSeconds + 1);
        var fits = movedSeconds is >= MinSeconds and <= MaxSeconds;
        result = fits ? new(movedSeconds, movedNanos, OffsetMinutes) : default;
        return fits;
    }
}
