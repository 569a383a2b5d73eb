using Capstan.Selectors;

namespace Capstan.ApiServer.Registry.BuiltIn.Checks;

/// <summary>Faults of a requirement on the labels of nodes, as pods and volumes have them.</summary>
internal static class NodeRequirement
{
    /// <summary>Adds the faults.</summary>
    /// <param name="expression">The requirement.</param>
    /// <param name="withValues">Whether the values must be such as labels have.</param>
    public static void Check(Place expression, bool withValues)
    {
        var values = expression["values"];
        switch (expression["operator"].Text)
        {
            case "In" or "NotIn" when values.Count == 0:
                values.Required("must be specified when `operator` is 'In' or 'NotIn'");
                break;
            case "Exists" or "DoesNotExist" when values.Count > 0:
                values.Forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                break;
            case "Gt" or "Lt" when values.Count != 1:
                values.Required("must be specified single value when `operator` is 'Lt' or 'Gt'");
                break;
            case "In" or "NotIn" or "Exists" or "DoesNotExist" or "Gt" or "Lt":
                break;
            default:
                expression["operator"].Invalid(expression["operator"].Text, "not a valid selector operator");
                break;
        }

        expression["key"].Follows(LabelSyntax.KeyFaults);
        if (!withValues)
        {
            return;
        }

        foreach (var value in values.Items)
        {
            value.Follows(LabelSyntax.ValueFaults);
        }
    }
}
