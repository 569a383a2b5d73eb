namespace Capstan.Patching;

/// <summary>A configuration does not fit the schema of its kind, or an owner's fields are those of a version that is gone. Kubernetes answers it with code 500 and no reason.</summary>
public sealed class ApplyTypeException : Exception
{
    internal ApplyTypeException(string message)
        : base(message)
    {
    }
}
