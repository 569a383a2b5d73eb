namespace Capstan.Tool.Local.Templates;

/// <summary>A span of time as kubectl prints ages: short, and coarser the longer it is.</summary>
internal static class Age
{
    /// <summary>For example <c>42s</c>, <c>3m7s</c>, <c>5h</c>, <c>12d</c>. A clock that runs ahead gives <c>0s</c>.</summary>
    public static string Of(TimeSpan span) => span switch
    {
        { Ticks: <= 0 } => "0s",
        { TotalMinutes: < 2 } => $"{(int)span.TotalSeconds}s",
        { TotalMinutes: < 10 } => span.Seconds == 0 ? $"{span.Minutes}m" : $"{span.Minutes}m{span.Seconds}s",
        { TotalHours: < 3 } => $"{(int)span.TotalMinutes}m",
        { TotalDays: < 2 } => $"{(int)span.TotalHours}h",
        _ => $"{(int)span.TotalDays}d",
    };
}
