using Capstan.Cel.Values;

namespace Capstan.Cel.Library;

/// <summary>The fields of timestamps, in UTC or a zone, and the units of durations.</summary>
internal static class TimeFunctions
{
    public static void Declare(FunctionSet set)
    {
        var specification = set.IsSpecification;
        foreach (var field in Enum.GetValues<CelTimeField>())
        {
            var name = "get" + field;
            set.Member(name, 0, a => a[0].Kind switch
            {
                CelKind.Timestamp => CelValue.Of(a[0].Timestamp.Get(field, CelTimeZone.Utc)),
                CelKind.Duration => OfDuration(a[0].Duration, field, specification),
                _ => FunctionSet.NoOverload(name),
            });
            set.Member(name, 1, a => a[0].Kind != CelKind.Timestamp || a[1].Kind != CelKind.String ? FunctionSet.NoOverload(name)
                : CelTimeZone.TryFind(a[1].String, out var zone) ? CelValue.Of(a[0].Timestamp.Get(field, zone))
                : CelValue.Error(CelErrorKind.UnknownTimeZone, 0, CelErrorText.TimeZone(a[1].String)));
        }
    }

    private static CelValue OfDuration(CelDuration duration, CelTimeField field, bool specification) => field switch
    {
        CelTimeField.Hours => CelValue.Of(duration.GetHours()),
        CelTimeField.Minutes => CelValue.Of(duration.GetMinutes()),
        CelTimeField.Seconds => CelValue.Of(duration.GetSeconds()),
        CelTimeField.Milliseconds => CelValue.Of(duration.GetMilliseconds(total: !specification)),
        _ => FunctionSet.NoOverload("get" + field),
    };
}
