namespace Capstan.Patching;

/// <summary>A configuration does not fit the schema of its kind. Kubernetes answers it with code 500 and no reason.</summary>
public sealed class ApplyTypeException : Exception
{
    internal ApplyTypeException(string message)
        : base(message)
    {
    }
}
