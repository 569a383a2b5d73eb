using Capstan.ApiServer.Registry.CustomResources;
using Capstan.Schemas;

namespace Capstan.ApiServer.Registry.BuiltIn;

/// <summary>Gives each built-in kind its rules. What is not named here has those that all kinds share.</summary>
internal sealed class KindRulesFactory
{
    /// <summary>Makes the rules of a kind.</summary>
    public KindRules Create(ResourceType type, Schema schema, bool hasStatus) => (type.Group, type.Kind) switch
    {
        ("apiextensions.k8s.io", "CustomResourceDefinition") => new DefinitionRules(type, schema, hasStatus),
        _ => new BuiltInRules(type, schema, hasStatus),
    };
}
