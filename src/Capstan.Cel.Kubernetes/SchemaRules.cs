using System.Text.Json.Nodes;
using Capstan.Cel.Kubernetes.Rules;
using Capstan.Schemas;

namespace Capstan.Cel.Kubernetes;

/// <summary>The <c>x-kubernetes-validations</c> of a schema and of all that is inside it, compiled. Immutable and safe for threads.</summary>
public sealed class SchemaRules
{
    /// <summary>What all rules over one object may cost in Kubernetes.</summary>
    public const long DefaultBudget = CelBudgets.Policy;

    private readonly Schema _schema;
    private readonly RuleNode? _root;
    private readonly string _path;

    private SchemaRules(Schema schema, RuleNode? root, string path, IReadOnlyList<FieldError> faults)
    {
        _schema = schema;
        _root = root;
        _path = path;
        Faults = faults;
    }

    /// <summary>What is wrong with the rules, with the paths and words that Kubernetes refuses a CustomResourceDefinition with; empty when nothing is.</summary>
    public IReadOnlyList<FieldError> Faults { get; }

    /// <summary>Whether there is nothing to validate.</summary>
    public bool IsEmpty => _root is null;

    /// <summary>Compiles the rules. Throws nothing for any schema; a rule that does not compile is among <see cref="Faults"/>, and fails every object.</summary>
    /// <param name="schema">The schema; not to be changed any more.</param>
    /// <param name="isResource">Whether it is of a whole resource.</param>
    /// <param name="path">Path of the schema in <see cref="Faults"/>.</param>
    public static SchemaRules Compile(Schema schema, bool isResource = true, string path = "spec.validation.openAPIV3Schema")
    {
        ArgumentNullException.ThrowIfNull(schema);
        var root = RuleNode.Of(schema, isResource);
        return new(schema, root, path, RuleDeclarations.Check(schema, root, path));
    }

    /// <summary>
    /// What is too expensive in the worst case, as the schema bounds it, with the paths and words that Kubernetes refuses a
    /// CustomResourceDefinition with; empty when nothing is. Not among <see cref="Faults"/>, and no obstacle to validation. Estimated at each
    /// call.
    /// </summary>
    public IReadOnlyList<FieldError> EstimateCosts() => RuleCosts.Check(_root, _path);

    /// <summary>Runs the rules over an object that is valid by the schema otherwise.</summary>
    /// <param name="self">The object.</param>
    /// <param name="oldSelf">What it was before an update; null: it is new, and rules that need an old value are not run.</param>
    /// <param name="options">Budget, path and cancellation.</param>
    /// <exception cref="OperationCanceledException">The token of the options was cancelled.</exception>
    public RuleFindings Validate(JsonNode? self, JsonNode? oldSelf = null, in RuleOptions options = default)
    {
        var run = new RuleRun(options.Budget ?? DefaultBudget, options.Cancellation);
        var ratchet = options.Ratchet && oldSelf is not null ? new Ratchet(new(self, oldSelf, _schema), null) : default;
        run.Validate(_root, FieldPath.Root(options.Path ?? ""), self, oldSelf, ratchet);
        return new(run.Errors, run.Warnings, run.Remarks, run.Budget);
    }
}
