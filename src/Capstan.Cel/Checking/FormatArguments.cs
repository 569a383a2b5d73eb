using System.Text;
using Capstan.Cel.Evaluation;
using Capstan.Cel.Syntax;
using Capstan.Cel.Values;

namespace Capstan.Cel.Checking;

/// <summary>
/// A literal text that is formatted with a literal list, tried before it is evaluated: for each argument some value of its type is formatted, and
/// what fails then would always fail.
/// </summary>
internal static class FormatArguments
{
    public static bool IsTried(CallExpr call, CheckedReference reference) =>
        reference.Overloads.Contains("string_format") && call is { Target: LiteralExpr { Kind: LiteralKind.String }, Arguments: [ListExpr] };

    /// <summary>What is wrong with such a call, and where; null when nothing is.</summary>
    /// <param name="call">The call.</param>
    /// <param name="types">By node id.</param>
    public static (CelExpr Node, string Message)? Problem(CallExpr call, CelType?[] types)
    {
        var format = (LiteralExpr)call.Target!;
        var list = (ListExpr)call.Arguments[0];
        var verbs = Verbs(format.StringValue);
        var arguments = new FormatValue[list.Elements.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = new(Sample(list.Elements[i], i < verbs.Length ? verbs[i] : 's', types));
        }

        if (!CelFormat.TryFormat<FormatValue>(format.StringValue, arguments, CelFormatStyle.Kubernetes, out _, out var error))
        {
            return (IsRefusal(error) ? list.Elements[FirstRefused(format.StringValue, arguments)] : call, error);
        }

        return arguments.Length > verbs.Length
            ? (call, $"too many arguments supplied to string.format (expected {verbs.Length}, got {arguments.Length})")
            : null;
    }

    // With fewer arguments it fails for want of them; from some number on it fails for the one that is refused.
    private static int FirstRefused(string format, FormatValue[] arguments)
    {
        var (low, high) = (1, arguments.Length);
        while (low < high)
        {
            var count = (low + high) / 2;
            CelFormat.TryFormat<FormatValue>(format, arguments.AsSpan(0, count), CelFormatStyle.Kubernetes, out _, out var error);
            (low, high) = IsRefusal(error) ? (low, count) : (count + 1, high);
        }

        return low - 1;
    }

    private static bool IsRefusal(string? error) => error is not null && error.Contains("was given", StringComparison.Ordinal);

    /// <summary>The letters that an argument stands for, as far as the text makes sense.</summary>
    private static string Verbs(string format)
    {
        var verbs = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] == '%')
            {
                at++;
                if (at < format.Length && format[at] == '%')
                {
                    continue;
                }

                at += at < format.Length && format[at] == '.' ? 1 : 0;
                while (at < format.Length && char.IsAsciiDigit(format[at]))
                {
                    at++;
                }

                verbs.Append(at < format.Length ? format[at] : ' ');
            }
        }

        return verbs.ToString();
    }

    private static CelValue Sample(CelExpr argument, char verb, CelType?[] types)
    {
        var type = types[argument.Id]!;
        switch (type.Kind)
        {
            case CelTypeKind.Null: return CelValue.Null;
            case CelTypeKind.Bool: return CelValue.True;
            case CelTypeKind.Int: return CelValue.Of(1L);
            case CelTypeKind.Uint: return CelValue.Of(1UL);
            case CelTypeKind.Double: return CelValue.Of(1.0);

            // The text that is a number to every verb that takes texts.
            case CelTypeKind.String: return CelValue.Of("NaN");
            case CelTypeKind.Bytes: return CelValue.Of([]);
            case CelTypeKind.Timestamp: return CelValue.Of(default(CelTimestamp));
            case CelTypeKind.Duration: return CelValue.Of(default(CelDuration));
            case CelTypeKind.Type: return CelValue.TypeOf("type");
            case CelTypeKind.List when argument is ListExpr list:
                return CelValue.Of(CelList.Of([.. list.Elements.Select(e => Sample(e, verb, types))]));
            case CelTypeKind.List: return CelValue.Of(CelList.Of());
            case CelTypeKind.Map when argument is MapExpr map:
                return CelValue.Of(CelMap.Of([.. map.Entries.Select(e => (Sample(e.Key, verb, types), Sample(e.Value, verb, types)))]));
            case CelTypeKind.Map: return CelValue.Of(CelMap.Of([]));
            case CelTypeKind.Opaque or CelTypeKind.Object: return CelValue.Of(CelOptional.None);
            default:
                return verb switch
                {
                    'f' or 'e' => CelValue.Of(1.0),
                    's' => CelValue.Of(""),
                    _ => CelValue.Of(1L),
                };
        }
    }
}
