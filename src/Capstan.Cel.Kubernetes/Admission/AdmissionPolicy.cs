namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>
/// A ValidatingAdmissionPolicy, compiled. Expressions may use <c>object</c>, <c>oldObject</c>, <c>request</c>, <c>namespaceObject</c>,
/// <c>variables</c>, <c>authorizer</c> (but in messages) and, where it has parameters, <c>params</c>. Immutable and safe for threads.
/// </summary>
/// <remarks>
/// As in Kubernetes, an expression that does not compile is an error when it is evaluated; whoever stores policies should refuse those with
/// <see cref="Faults"/>. Unlike there, a message expression is evaluated only for a validation that is false.
/// </remarks>
public sealed class AdmissionPolicy
{
    private readonly AdmissionPolicySource _source;
    private readonly VariableSet _variables;
    private readonly ExpressionSet _conditions;
    private readonly ExpressionSet _validations;
    private readonly ExpressionSet _messages;
    private readonly ExpressionSet _annotations;

    private AdmissionPolicy(AdmissionPolicySource source, CelEnvironment environment)
    {
        _source = source;
        _variables = VariableSet.Compile(AdmissionEnvironment.Of(environment, source.HasParams), source.Variables);
        _conditions = ExpressionSet.Compile(_variables, source.MatchConditions, CelType.Bool);
        _validations = ExpressionSet.Compile(_variables, source.Validations.Select((v, i) => Named("validations", i, v.Expression)), CelType.Bool);

        // A validation without one has a placeholder that is never evaluated, so that both lists have the same order.
        _messages = ExpressionSet.Compile(
            _variables, AdmissionEnvironment.WithoutAuthorizer(_variables.Environment), source.Validations.Select((v, i) => Named("messageExpressions", i, v.MessageExpression ?? "''")), [CelType.String]);
        _annotations = ExpressionSet.Compile(_variables, source.AuditAnnotations, CelType.String, CelType.Null);
    }

    /// <summary>
    /// Expressions that do not compile or have the wrong type. The names of variables, conditions and annotations are their own; others are named
    /// by their place: <c>validations[0]</c>, <c>messageExpressions[0]</c>.
    /// </summary>
    public IEnumerable<ExpressionFault> Faults =>
        new[] { _variables.Faults, _conditions.Faults, _validations.Faults, _messages.Faults, _annotations.Faults }.SelectMany(f => f);

    /// <summary>Compiles a policy.</summary>
    /// <param name="source">What it says.</param>
    /// <param name="environment">Libraries of expressions, no variables. Default <see cref="KubernetesEnvironment.Default"/>.</param>
    /// <exception cref="ArgumentException">Two variables have one name.</exception>
    public static AdmissionPolicy Compile(AdmissionPolicySource source, CelEnvironment? environment = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new(source, environment ?? KubernetesEnvironment.Default);
    }

    /// <summary>What the policy says of an input. Variables are evaluated once for each group: conditions, validations, messages, annotations.</summary>
    /// <param name="input">What is judged.</param>
    /// <param name="budget">
    /// What validations and messages may cost together, and audit annotations again, in cel-go's units. Default <see cref="CelBudgets.Policy"/>.
    /// Match conditions have <see cref="CelBudgets.MatchConditions"/> of their own.
    /// </param>
    /// <param name="cancellation">Looked at every 100 iterations, and after each expression.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public AdmissionVerdict Evaluate(in AdmissionInput input, long budget = CelBudgets.Policy, CancellationToken cancellation = default)
    {
        if (!_source.MatchConditions.IsEmpty && Unmatched(input, budget, cancellation) is { } verdict)
        {
            return verdict;
        }

        var values = AdmissionEnvironment.Values(input, _source.HasParams);
        var validations = _validations.Evaluate(values, budget, cancellation);
        if (validations.Error is { } error)
        {
            return Failed(error);
        }

        var messages = _messages.Evaluate(
            values, i => _source.Validations[i].MessageExpression is not null && validations.Results[i].IsFalse, validations.RemainingBudget, cancellation);
        var annotations = _annotations.Evaluate(values, budget, cancellation);
        return annotations.Error is { } failure ? Failed(failure) : new()
        {
            Decisions = [.. validations.Results.Select((result, i) => Decide(_source.Validations[i], result, i, messages))],
            AuditAnnotations = [.. annotations.Results.Select(Annotation)],
            RemainingBudget = messages.RemainingBudget,
        };
    }

    private static NamedExpression Named(string list, int index, string text) => new($"{list}[{index}]", text);

    private static AuditAnnotation Annotation(ExpressionResult result)
    {
        var text = result is { Error: null, Value.Kind: CelKind.String } ? result.Value.String.Trim() : "";
        return new(result.Name, text.Length > 0 ? text : null, result.Error);
    }

    // One that is false decides, whatever errors there are besides; else errors do, unless they are to be ignored: then the policy does not match.
    private AdmissionVerdict? Unmatched(in AdmissionInput input, long budget, CancellationToken cancellation)
    {
        var values = AdmissionEnvironment.Values(input with { Namespace = CelValue.Null }, _source.HasParams);
        var (results, _, error) = _conditions.Evaluate(values, CelBudgets.MatchConditions, cancellation);
        if (results.FirstOrDefault(result => result.IsFalse) is { Name: { } name })
        {
            return AdmissionVerdict.NoMatch(name, budget);
        }

        var errors = error is not null ? [error] : results.Where(result => result.Error is not null).Select(result => result.Error!).Distinct().ToArray();
        return errors.Length == 0 ? null
            : _source.IgnoresFailures ? AdmissionVerdict.NoMatch(null, budget)
            : Failed(errors.Length == 1 ? errors[0] : $"[{string.Join(", ", errors)}]");
    }

    private AdmissionDecision Decide(AdmissionValidation validation, in ExpressionResult result, int index, ExpressionResults messages) =>
        result.Error is { } error ? Undecided(error)
        : messages.Error is { } failure ? Undecided($"failed messageExpression: {failure}")
        : result.IsTrue ? new(AdmissionOutcome.Admit, true, "", "")
        : new(AdmissionOutcome.Deny, false, FailureMessage.Of(validation, messages.Results[index]), validation.Reason);

    private AdmissionDecision Undecided(string error) => new(AdmissionOutcome.Error, _source.IgnoresFailures, error, "");

    private AdmissionVerdict Failed(string error) => new() { Decisions = [Undecided(error)], RemainingBudget = -1 };
}
