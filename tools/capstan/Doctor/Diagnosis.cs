namespace Capstan.Tool.Doctor;

/// <summary>How bad something is.</summary>
internal enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, but not as well as it could, or not for long.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Problem,
}

/// <summary>What one look at the cluster found.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Subject">What was looked at: an operator and a part of it, or an object.</param>
/// <param name="Message">What was seen, in one line.</param>
/// <param name="Remedy">What to do about it; null where there is nothing to do.</param>
internal sealed record Diagnosis(Severity Severity, string Subject, string Message, string? Remedy = null)
{
    public static Diagnosis Fine(string subject, string message) => new(Severity.Ok, subject, message);

    public static Diagnosis Warn(string subject, string message, string remedy) => new(Severity.Warning, subject, message, remedy);

    public static Diagnosis Wrong(string subject, string message, string remedy) => new(Severity.Problem, subject, message, remedy);
}
