namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>What a policy judges. What is not set is null; documents that values lie in must live as long as the evaluation.</summary>
public readonly record struct AdmissionInput
{
    /// <summary>The object; null of a DELETE.</summary>
    public CelValue Object { get; init; }

    /// <summary>The object as it was; null of a CREATE.</summary>
    public CelValue OldObject { get; init; }

    /// <summary>The parameter object of the binding. Read only by policies that have parameters.</summary>
    public CelValue Params { get; init; }

    /// <summary>The AdmissionRequest of Kubernetes as JSON. Its object, oldObject and uid are not shown to expressions.</summary>
    public CelValue Request { get; init; }

    /// <summary>
    /// Answers what expressions ask as <c>authorizer.group('').resource('pods').check('get')</c>. Null: <c>authorizer</c> is null. Message
    /// expressions may not ask.
    /// </summary>
    public AuthorizationCheck? Authorizer { get; init; }

    /// <summary>What the request is about, for <c>authorizer.requestResource.check('update')</c>.</summary>
    public AuthorizationQuestion RequestResource { get; init; }

    /// <summary>The Namespace of the object; null of an object without. Not shown to match conditions.</summary>
    public CelValue Namespace { get; init; }
}
