namespace Capstan;

/// <summary>What a request wants to do.</summary>
public enum AdmissionOperation
{
    /// <summary><c>CREATE</c>.</summary>
    Create,

    /// <summary><c>UPDATE</c>, patches included.</summary>
    Update,

    /// <summary><c>DELETE</c>: the object is in <see cref="AdmissionRequest.OldObject"/>.</summary>
    Delete,

    /// <summary><c>CONNECT</c>, for example to a pod's <c>exec</c>: the object is the request's options.</summary>
    Connect,
}
