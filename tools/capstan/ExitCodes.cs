namespace Capstan.Tool;

/// <summary>What the tool's exit says to a script.</summary>
internal static class ExitCodes
{
    /// <summary>Did what was asked, a stop by signal included.</summary>
    public const int Done = 0;

    /// <summary>Understood, but something outside stands in the way; one line on stderr says what.</summary>
    public const int CannotRun = 1;

    /// <summary>Not understood: an unknown option or a value outside its range.</summary>
    public const int Usage = 2;
}
