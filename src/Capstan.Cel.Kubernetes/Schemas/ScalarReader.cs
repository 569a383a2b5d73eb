using Capstan.Cel.Values;

namespace Capstan.Cel.Kubernetes.Schemas;

/// <summary>Values of JSON as the types and formats of OpenAPI; numbers are double however they are written. What does not fit is an error.</summary>
internal static class ScalarReader
{
    public static CelValue Read(ShapeKind kind, in CelValue raw) => kind switch
    {
        ShapeKind.Number => raw.Kind switch
        {
            CelKind.Double => raw,
            CelKind.Int => CelValue.Of((double)raw.Int),
            _ => Unfit("float", raw),
        },
        ShapeKind.Integer => raw.Kind == CelKind.Int ? raw : Unfit("int", raw),
        ShapeKind.Boolean => raw.Kind == CelKind.Bool ? raw : Unfit("bool", raw),
        _ => ReadText(kind, raw),
    };

    private static CelValue ReadText(ShapeKind kind, in CelValue raw)
    {
        if (raw.Kind != CelKind.String)
        {
            // An expression may have put a value that was read before into a list.
            var isRead = (kind, raw.Kind) is (ShapeKind.Bytes, CelKind.Bytes) or (ShapeKind.Duration, CelKind.Duration)
                or (ShapeKind.Date or ShapeKind.DateTime, CelKind.Timestamp);
            return isRead ? raw : Unfit("string", raw);
        }

        return kind switch
        {
            ShapeKind.Duration => DurationWords.Read(raw.String, out var duration) is not { } fault ? CelValue.Of(duration)
                : CelValue.Failure($"Invalid duration {raw.String}: {fault}"),
            ShapeKind.Date => TryReadDate(raw.String, out var date) ? CelValue.Of(date)
                : CelValue.Failure($"Invalid date formatted string {raw.String}: it is no date as 2006-01-02"),
            ShapeKind.DateTime => TryReadTime(raw.String, out var time) ? CelValue.Of(time)
                : CelValue.Failure($"Invalid date-time formatted string {raw.String}: it is no time as 2006-01-02T15:04:05Z"),
            ShapeKind.Bytes => ReadBytes(raw.String),
            _ => raw,
        };
    }

    // Kubernetes takes the empty text for 1970, and UTC where no zone is told.
    private static bool TryReadTime(string text, out CelTimestamp time)
    {
        time = new CelTimestamp(0, 0, 0);
        if (text.Length == 0)
        {
            return true;
        }

        var fits = TimestampText.TryRead(text, out var seconds, out var nanos, out var offset)
            || TimestampText.TryRead(text + "Z", out seconds, out nanos, out offset);
        time = new CelTimestamp(seconds, nanos, offset);
        return fits;
    }

    private static bool TryReadDate(string text, out CelTimestamp date)
    {
        var fits = TimestampText.TryRead(text + "T00:00:00Z", out var seconds, out _, out _) && text.Length == 10;
        date = new CelTimestamp(seconds, 0, 0);
        return fits;
    }

    // The alphabet for URLs, with padding: what Kubernetes decodes here, although its validation of the format asks for the other alphabet.
    private static CelValue ReadBytes(string text)
    {
        var position = text.AsSpan().IndexOfAny('+', '/');
        byte[] bytes = [];
        var fits = position < 0 && CelBase64.TryDecode(text.Replace('-', '+').Replace('_', '/'), out bytes, out position);
        if (fits && text.Count(c => c is not '\r' and not '\n') % 4 != 0)
        {
            (fits, position) = (false, text.Length);
        }

        return fits ? CelValue.Of(bytes) : CelValue.Failure($"Invalid byte formatted string {text}: illegal base64 data at input byte {position}");
    }

    private static CelValue Unfit(string expected, in CelValue raw) => CelValue.Failure($"invalid data, expected {expected}, got {RawValue.GoType(raw)}");
}
