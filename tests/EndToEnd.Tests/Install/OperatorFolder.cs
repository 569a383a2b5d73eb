using System.Security.Cryptography;
using System.Text;
using EndToEnd.Tests.Programs;

namespace EndToEnd.Tests.Install;

/// <summary>An operator's folder in the repository that these tests were built from.</summary>
internal sealed class OperatorFolder(string name)
{
    /// <summary>Full path of something in it.</summary>
    public string Of(params string[] path) => Repository.Of(["operators", name, .. path]);

    /// <summary>What its chart is made of, in a few characters: another chart has others.</summary>
    public string ChartFingerprint()
    {
        // The definitions are installed as they are, and tested on their own.
        var files = Directory.EnumerateFiles(Of("chart"), "*", SearchOption.AllDirectories)
            .Select(file => (Name: Path.GetRelativePath(Of("chart"), file), Text: File.ReadAllText(file)))
            .Where(file => !file.Name.StartsWith("crds", StringComparison.Ordinal))
            .OrderBy(file => file.Name, StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{file.Name}\n{file.Text}\n")))))[..16];
    }
}
