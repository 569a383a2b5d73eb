namespace Capstan.Cel.Kubernetes.Admission;

/// <summary>What an expression asks the authorizer: may the user, or an account, do this? Of a resource, or of a path that is none.</summary>
public readonly record struct AuthorizationQuestion
{
    /// <summary>Makes a question whose texts are empty.</summary>
    public AuthorizationQuestion()
    {
    }

    /// <summary>Whether it is about a resource; else <see cref="Path"/> counts. Default true.</summary>
    public bool IsResource { get; init; } = true;

    /// <summary>The verb, as the expression has it.</summary>
    public string Verb { get; init; } = "";

    /// <summary>The path of what is no resource.</summary>
    public string Path { get; init; } = "";

    /// <summary>The API group; empty is the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The resource, in the plural.</summary>
    public string Resource { get; init; } = "";

    /// <summary>The subresource; empty for none.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>The namespace; empty is the whole cluster.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The name of the object; empty for any.</summary>
    public string Name { get; init; } = "";

    /// <summary>A field selector that narrows what is asked; empty for none. It may be none that can be read.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>A label selector that narrows what is asked; empty for none. It may be none that can be read.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>The ServiceAccount that is asked about; null: the user of the request.</summary>
    public (string Namespace, string Name)? ServiceAccount { get; init; }
}

/// <summary>What the authorizer says.</summary>
/// <param name="Allowed">Whether it may be done.</param>
/// <param name="Reason">Why; may be empty.</param>
/// <param name="Error">Why there is no telling; null when there is.</param>
public readonly record struct AuthorizationDecision(bool Allowed, string Reason = "", string? Error = null);

/// <summary>Answers questions of expressions. Called on the thread of the evaluation; it should not throw.</summary>
/// <param name="question">What is asked.</param>
public delegate AuthorizationDecision AuthorizationCheck(AuthorizationQuestion question);
