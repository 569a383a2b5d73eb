namespace Capstan;

/// <summary>Thrown by a reconciler for an error that another try cannot mend: the key waits for the next change instead of a retry.</summary>
public sealed class TerminalException : Exception
{
    /// <summary>An error with its reason.</summary>
    public TerminalException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its reason and cause.</summary>
    public TerminalException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
