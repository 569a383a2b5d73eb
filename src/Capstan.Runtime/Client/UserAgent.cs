using System.Reflection;
using System.Runtime.InteropServices;

namespace Capstan.Client;

/// <summary>Who asks, as servers record it: <c>name/version (os/arch) capstan/version</c>, in the way of client-go.</summary>
internal static class UserAgent
{
    private static readonly string Library = $"capstan/{Version(typeof(UserAgent).Assembly)}";

    /// <param name="given">A name, or name and version, to complete; a text with a space is taken as it is. Null: the program's name.</param>
    public static string Of(string? given)
    {
        var program = Assembly.GetEntryAssembly();
        var name = string.IsNullOrEmpty(given) ? program?.GetName().Name ?? "capstan" : given;
        if (name.Contains(' ', StringComparison.Ordinal))
        {
            return name;
        }

        var versioned = name.Contains('/', StringComparison.Ordinal) ? name : $"{name}/{Version(program)}";
        return $"{versioned} ({Platform()}) {Library}";
    }

    private static string Version(Assembly? assembly) => assembly?.GetName().Version?.ToString(3) ?? "0";

    private static string Platform()
    {
        var system = OperatingSystem.IsLinux() ? "linux" : OperatingSystem.IsMacOS() ? "darwin" : OperatingSystem.IsWindows() ? "windows" : "unknown";
        var processor = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.X86 => "386",
            var other => other.ToString().ToLowerInvariant(),
        };
        return $"{system}/{processor}";
    }
}
