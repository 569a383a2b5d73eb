namespace Capstan.Tool;

/// <summary>What the tool's exit says to a script.</summary>
internal static class ExitCodes
{
    /// <summary>Did what was asked, a stop by signal included.</summary>
    public const int Done = 0;

    /// <summary>Understood, but something stands in the way: a taken port, a missing file, an expression that has no value. Stderr says what.</summary>
    public const int CannotRun = 1;

    /// <summary>Not understood: an unknown option, a value outside its range, an expression that does not compile.</summary>
    public const int Usage = 2;

    /// <summary>Of a comparison: it was made, and there are differences.</summary>
    public const int Differs = 1;

    /// <summary>Of a comparison: it could not be made, in whole or in part. Stderr says what.</summary>
    public const int CannotCompare = 2;
}
