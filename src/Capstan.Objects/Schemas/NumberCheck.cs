using System.Globalization;
using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>A number against bounds, factor and the range of its format.</summary>
internal static class NumberCheck
{
    public static void Run(JsonNode value, Schema schema, string path, Findings findings)
    {
        findings.Checks += 2;
        var number = JsonNumbers.Double(value);
        var integer = JsonNumbers.TryInteger(value, out var whole) ? whole : (long?)null;
        if (integer is not { } fitting || (schema.Format == "int32" && fitting != (int)fitting))
        {
            CheckRange(number, schema, "Checked", path, findings);
        }

        if (schema.MultipleOf is { } factor)
        {
            CheckMultiple(number, CheckRange(factor, schema, "MultipleOf", path, findings) ? integer : null, factor, path, findings);
        }

        if (schema.Minimum is { } least)
        {
            var exact = CheckRange(least, schema, "Minimum boundary", path, findings) ? integer : null;
            var order = Compare(number, exact, least);
            if (order < 0 || (schema.ExclusiveMinimum && order == 0))
            {
                findings.Add(Invalid(path, Text(number, exact), $"{path} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{CutTo(least, exact)}"));
            }
        }

        if (schema.Maximum is { } most)
        {
            var exact = CheckRange(most, schema, "Maximum boundary", path, findings) ? integer : null;
            var order = Compare(number, exact, most);
            if (order > 0 || (schema.ExclusiveMaximum && order == 0))
            {
                findings.Add(Invalid(path, Text(number, exact), $"{path} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{CutTo(most, exact)}"));
            }
        }
    }

    // Integers are compared as integers, the bound cut to one.
    private static int Compare(double number, long? integer, double bound) => integer?.CompareTo((long)bound) ?? number.CompareTo(bound);

    private static string CutTo(double bound, long? integer) => integer is null ? GoFormat.Number(bound) : ((long)bound).ToString(CultureInfo.InvariantCulture);

    private static string Text(double number, long? integer) => integer?.ToString(CultureInfo.InvariantCulture) ?? GoFormat.Number(number);

    private static FieldError Invalid(string path, string value, string detail) => new(FieldErrorReasons.Invalid, path, $"Invalid value: {value}: {detail}");

    private static void CheckMultiple(double number, long? integer, double factor, string path, Findings findings)
    {
        if (factor <= 0 || (integer is not null && factor < 1))
        {
            findings.Add(Invalid(path, CutTo(factor, integer), $"factor MultipleOf declared for {path} must be positive: {CutTo(factor, integer)}"));
        }
        else if (integer is { } whole ? whole % (long)factor != 0 : !JsonNumbers.IsWhole(factor < 1 ? 1 / factor * number : number / factor))
        {
            findings.Add(Invalid(path, Text(number, integer), $"{path} in body should be a multiple of {CutTo(factor, integer)}"));
        }
    }

    // A bound that its own type cannot hold is told with every value.
    private static bool CheckRange(double number, Schema schema, string what, string path, Findings findings)
    {
        if (schema.IntOrString || schema.Type is not ("integer" or "number"))
        {
            return true;
        }

        var format = schema.Type == "integer"
            ? schema.Format is "int32" or "int64" ? schema.Format : null
            : schema.Format is "float" or "double" ? schema.Format : null;
        var fits = (schema.Type, format) switch
        {
            ("integer", "int32") => double.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue,
            ("integer", _) => double.IsInteger(number) && number is >= long.MinValue and < long.MaxValue,
            (_, "float") => Math.Abs(number) <= float.MaxValue,
            _ => true,
        };
        if (!fits)
        {
            findings.AddUnplaced(format is null
                ? $"{what} value must be of type {schema.Type} (default format) in {path}"
                : $"{what} value must be of type {schema.Type} with format {format} in {path}");
        }

        return fits;
    }
}
