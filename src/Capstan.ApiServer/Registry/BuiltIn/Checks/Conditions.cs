using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of a list of meta/v1 conditions.</summary>
internal static partial class Conditions
{
    /// <summary>Adds the faults.</summary>
    public static void Check(Place conditions)
    {
        Dictionary<string, string> types = new(StringComparer.Ordinal);
        foreach (var condition in conditions.Items)
        {
            if (!types.TryAdd(condition["type"].Text, condition.Path))
            {
                condition["type"].Duplicate();
            }

            CheckOne(condition);
        }
    }

    private static void CheckOne(Place condition)
    {
        condition["type"].Follows(LabelSyntax.KeyFaults);
        if (condition["status"].Text is not ("False" or "True" or "Unknown"))
        {
            (condition["status"].Exists ? condition["status"] : condition["status"] with { Value = "" }).NotSupported("False", "True", "Unknown");
        }

        if (condition["observedGeneration"].Number < 0)
        {
            condition["observedGeneration"].Invalid("must be greater than or equal to zero");
        }

        if (!condition["lastTransitionTime"].HasText)
        {
            condition["lastTransitionTime"].Required();
        }

        if (!condition["reason"].HasText)
        {
            condition["reason"].Required();
        }
        else
        {
            if (!ReasonPattern().IsMatch(condition["reason"].Text))
            {
                condition["reason"].Invalid(Naming.Mismatch("a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:',"
                    + " and must end with an alphanumeric character or '_'", "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?", "my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB"));
            }

            if (condition["reason"].Text.Length > 1024)
            {
                condition["reason"].TooLong(1024);
            }
        }

        if (condition["message"].Text.Length > 32 << 10)
        {
            condition["message"].TooLong(32 << 10);
        }
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?\z")]
    private static partial System.Text.RegularExpressions.Regex ReasonPattern();
}
