using System.Collections.Immutable;
using Capstan.Cel.Syntax;
using Capstan.Cel.Values;

namespace Capstan.Cel.Checking;

/// <summary>Tries a literal format with the types of its literal list of arguments, for the formats of Kubernetes.</summary>
internal static class FormatLiteral
{
    /// <summary>What is wrong, in cel-go's words, and with which argument; null when nothing is, no argument when it is with the format.</summary>
    public static (CelExpr? Argument, string Message)? Problem(string format, ImmutableArray<CelExpr> arguments, Func<CelExpr, CelType> typeOf)
    {
        var next = 0;
        for (var at = format.IndexOf('%'); at >= 0; at = format.IndexOf('%', at))
        {
            at++;
            if (at < format.Length && format[at] == '%')
            {
                at++;
                continue;
            }

            if (at >= format.Length)
            {
                return (null, "unexpected end of string");
            }

            if (next >= arguments.Length)
            {
                return (null, $"index {next} out of range");
            }

            if (!CelFormat.TryReadClause(format, ref at, out var verb, out _, out var error))
            {
                return (null, error);
            }

            if (Refused(verb, arguments[next++], typeOf) is { } refused)
            {
                return (refused, "error during formatting: " + CelFormat.Refusal(verb, CelFormatStyle.Kubernetes, typeOf(refused).Name));
            }
        }

        return next < arguments.Length ? (null, $"too many arguments supplied to string.format (expected {next}, got {arguments.Length})") : null;
    }

    /// <summary>The argument, or the part of it, that the verb does not take.</summary>
    private static CelExpr? Refused(char verb, CelExpr argument, Func<CelExpr, CelType> typeOf)
    {
        if (typeOf(argument).Kind is var kind && kind != CelTypeKind.Dyn && !Takes(verb, kind))
        {
            return argument;
        }

        var parts = verb != 's' ? [] : argument switch
        {
            ListExpr list => list.Elements,
            MapExpr map => map.Entries.SelectMany(e => new[] { e.Key, e.Value }),
            _ => [],
        };
        return parts.Select(part => Refused(verb, part, typeOf)).FirstOrDefault(part => part is not null);
    }

    private static bool Takes(char verb, CelTypeKind kind) => verb switch
    {
        'd' or 'o' => kind is CelTypeKind.Int or CelTypeKind.Uint,
        'f' or 'e' => kind is CelTypeKind.Double or CelTypeKind.String,
        'b' => kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.Bool,
        'x' or 'X' => kind is CelTypeKind.Int or CelTypeKind.Uint or CelTypeKind.String or CelTypeKind.Bytes,
        _ => kind is not (CelTypeKind.Opaque or CelTypeKind.Object or CelTypeKind.Wrapper or CelTypeKind.Error),
    };
}
