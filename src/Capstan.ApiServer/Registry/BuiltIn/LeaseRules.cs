using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of Lease.</summary>
internal sealed class LeaseRules(ResourceType type, Schema schema, bool hasStatus) : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    protected override void ValidateKind(JsonObject obj, ICollection<FieldError> errors)
    {
        var spec = obj.Map("spec");
        if (spec.Number("leaseDurationSeconds") is <= 0)
        {
            errors.Add(FieldErrors.Invalid("spec.leaseDurationSeconds", spec.At("leaseDurationSeconds"), "must be greater than 0"));
        }

        if (spec.Number("leaseTransitions") is < 0)
        {
            errors.Add(FieldErrors.Invalid("spec.leaseTransitions", spec.At("leaseTransitions"), "must be greater than or equal to 0"));
        }
    }
}
