using System.Text.Json.Nodes;

namespace Capstan.Schemas;

/// <summary>A number against bounds, factor and the range of its format.</summary>
internal static class NumberCheck
{
    public static void Run(JsonNode value, Schema schema, string path, Findings findings)
    {
        findings.Checks += 2;
        var number = JsonNumbers.Double(value);
        var isInteger = JsonNumbers.TryInteger(value, out var integer);
        CheckRange(number, schema, "Checked", path, findings);
        if (schema.MultipleOf is { } factor)
        {
            CheckRange(factor, schema, "MultipleOf", path, findings);
            var multiple = isInteger && double.IsInteger(factor) && factor != 0 ? integer % (long)factor == 0 : IsWhole(factor < 1 ? 1 / factor * number : number / factor);
            if (!multiple)
            {
                findings.Add(FieldErrors.Invalid(path, value, $"{path} in body should be a multiple of {GoFormat.Number(factor)}"));
            }
        }

        if (schema.Minimum is { } least)
        {
            CheckRange(least, schema, "Minimum boundary", path, findings);
            if (number < least || (schema.ExclusiveMinimum && number <= least))
            {
                findings.Add(FieldErrors.Invalid(path, value, $"{path} in body should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{GoFormat.Number(least)}"));
            }
        }

        if (schema.Maximum is { } most)
        {
            CheckRange(most, schema, "Maximum boundary", path, findings);
            if (number > most || (schema.ExclusiveMaximum && number >= most))
            {
                findings.Add(FieldErrors.Invalid(path, value, $"{path} in body should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{GoFormat.Number(most)}"));
            }
        }
    }

    // A bound that its own type cannot hold is told with every value.
    private static void CheckRange(double number, Schema schema, string what, string path, Findings findings)
    {
        if (schema.IntOrString || schema.Type is not ("integer" or "number"))
        {
            return;
        }

        var format = schema.Type == "integer"
            ? schema.Format is "int32" or "int64" ? schema.Format : null
            : schema.Format is "float" or "double" ? schema.Format : null;
        var fits = (schema.Type, format) switch
        {
            ("integer", "int32") => double.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue,
            ("integer", _) => double.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue,
            (_, "float") => Math.Abs(number) <= float.MaxValue,
            _ => true,
        };
        if (!fits)
        {
            findings.AddUnplaced(format is null
                ? $"{what} value must be of type {schema.Type} (default format) in {path}"
                : $"{what} value must be of type {schema.Type} with format {format} in {path}");
        }
    }

    // Division leaves a trace: near enough to a whole number is one.
    private static bool IsWhole(double number)
    {
        if (double.IsInfinity(number) || double.IsNaN(number))
        {
            return false;
        }

        var difference = Math.Abs(number - Math.Truncate(number));
        return difference is 0 or < 1e-9 || 1 - difference < 1e-9;
    }
}
