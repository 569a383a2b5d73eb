namespace Capstan.Cel.Values;

/// <summary>CEL's <c>google.protobuf.Duration</c>: signed nanoseconds in an int64, about 292 years each way.</summary>
public readonly struct CelDuration : IEquatable<CelDuration>, IComparable<CelDuration>
{
    private const long NanosPerSecond = 1_000_000_000;

    /// <summary>A duration of <paramref name="nanoseconds"/>.</summary>
    public CelDuration(long nanoseconds) => Nanoseconds = nanoseconds;

    /// <summary>The length in nanoseconds.</summary>
    public long Nanoseconds { get; }

    /// <summary>A duration of .NET; false: it is longer than 292 years.</summary>
    public static bool TryOf(TimeSpan duration, out CelDuration value)
    {
        var fits = CelNumbers.TryMultiply(duration.Ticks, 100, out var nanoseconds);
        value = new(nanoseconds);
        return fits;
    }

    /// <summary>The duration. .NET counts in 100 ns: what is below is cut off.</summary>
    public TimeSpan ToTimeSpan() => new(Nanoseconds / 100);

    /// <summary>
    /// Reads Go's form: signed, units <c>h m s ms us µs ns</c>, compound (<c>1h30m</c>), fractional (<c>1.5s</c>), or a bare <c>0</c>.
    /// False: not of the form, or beyond int64 nanoseconds.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out CelDuration value) => DurationText.TryRead(text, out value);

    /// <summary>The sum; false: int overflow.</summary>
    public bool TryAdd(CelDuration other, out CelDuration result)
    {
        var fits = CelNumbers.TryAdd(Nanoseconds, other.Nanoseconds, out var nanoseconds);
        result = new(nanoseconds);
        return fits;
    }

    /// <summary>The difference; false: int overflow.</summary>
    public bool TrySubtract(CelDuration other, out CelDuration result)
    {
        var fits = CelNumbers.TrySubtract(Nanoseconds, other.Nanoseconds, out var nanoseconds);
        result = new(nanoseconds);
        return fits;
    }

    /// <summary>The same length in the other direction; false: int overflow.</summary>
    public bool TryNegate(out CelDuration result)
    {
        var fits = CelNumbers.TryNegate(Nanoseconds, out var nanoseconds);
        result = new(nanoseconds);
        return fits;
    }

    /// <summary>Whole hours of the whole length, towards zero.</summary>
    public long GetHours() => Whole(3600 * NanosPerSecond);

    /// <summary>Whole minutes of the whole length, towards zero.</summary>
    public long GetMinutes() => Whole(60 * NanosPerSecond);

    /// <summary>Whole seconds of the whole length, towards zero.</summary>
    public long GetSeconds() => Whole(NanosPerSecond);

    /// <summary>Milliseconds: of the whole length (<paramref name="total"/>, as Kubernetes answers) or only those within the second (the specification).</summary>
    public long GetMilliseconds(bool total) => (total ? Nanoseconds : Nanoseconds % NanosPerSecond) / 1_000_000;

    /// <summary>The length in seconds as cel-go computes it, in double; it prints durations by this.</summary>
    internal double TotalSeconds => (Nanoseconds / NanosPerSecond) + (Nanoseconds % NanosPerSecond / 1e9);

    /// <inheritdoc/>
    public int CompareTo(CelDuration other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <inheritdoc/>
    public bool Equals(CelDuration other) => Nanoseconds == other.Nanoseconds;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CelDuration other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Nanoseconds.GetHashCode();

    /// <summary>Seconds with the fraction that a double holds, and <c>s</c>: <c>5400s</c>, <c>0.5s</c>.</summary>
    public override string ToString() => CelNumberText.Plain(TotalSeconds) + "s";

    /// <summary>Same length?</summary>
    public static bool operator ==(CelDuration left, CelDuration right) => left.Equals(right);

    /// <summary>Other length?</summary>
    public static bool operator !=(CelDuration left, CelDuration right) => !left.Equals(right);

    /// <summary>Shorter?</summary>
    public static bool operator <(CelDuration left, CelDuration right) => left.Nanoseconds < right.Nanoseconds;

    /// <summary>Longer?</summary>
    public static bool operator >(CelDuration left, CelDuration right) => left.Nanoseconds > right.Nanoseconds;

    /// <summary>Not longer?</summary>
    public static bool operator <=(CelDuration left, CelDuration right) => left.Nanoseconds <= right.Nanoseconds;

    /// <summary>Not shorter?</summary>
    public static bool operator >=(CelDuration left, CelDuration right) => left.Nanoseconds >= right.Nanoseconds;

    // By way of double, because cel-go's answers are: near a full unit of a very long duration it rounds up.
    private long Whole(long unit) => (long)((Nanoseconds / unit) + (Nanoseconds % unit / (double)unit));
}
