namespace Capstan.Patching;

/// <summary>A patch that cannot be applied to the object: the API server answers it with a client error.</summary>
public sealed class PatchException : Exception
{
    /// <summary>Without a reason; only for serialisers and proxies.</summary>
    public PatchException()
    {
    }

    /// <summary>With the reason, for people.</summary>
    public PatchException(string message)
        : base(message)
    {
    }

    /// <summary>With the reason and what caused it.</summary>
    public PatchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
