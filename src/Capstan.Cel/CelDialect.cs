namespace Capstan.Cel;

/// <summary>Which of two readings of the language counts where cel-go, which Kubernetes runs, departs from the specification's conformance suite.</summary>
public enum CelDialect
{
    /// <summary>
    /// As in Kubernetes: <c>getMilliseconds</c> of a duration is its total, <c>%e</c> is written as <c>3.140000×10⁰⁰</c>, double keys of a map
    /// literal are accepted, field names in backticks are not.
    /// </summary>
    Kubernetes,

    /// <summary>As the conformance suite wants it.</summary>
    Specification,
}
