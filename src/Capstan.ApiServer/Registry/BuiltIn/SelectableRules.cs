using System.Text.Json.Nodes;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Rules of cluster-scoped kinds that have nothing of their own but fields to select by.</summary>
/// <param name="type">The resource.</param>
/// <param name="schema">Its structure.</param>
/// <param name="hasStatus">Whether status is a subresource.</param>
/// <param name="fields">How each field is read, as text.</param>
internal sealed class SelectableRules(ResourceType type, Schema schema, bool hasStatus, Dictionary<string, Func<JsonObject, string>> fields)
    : BuiltInRules(type, schema, hasStatus)
{
    /// <inheritdoc/>
    public override bool SelectsNamespace => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> SelectableFields { get; } = [.. fields.Keys];

    /// <inheritdoc/>
    public override string? FieldValue(JsonObject obj, string field) => fields.TryGetValue(field, out var read) ? read(obj) : base.FieldValue(obj, field);
}
