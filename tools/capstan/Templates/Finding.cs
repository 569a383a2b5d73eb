using Capstan.Yaml;

namespace Capstan.Tool.Templates;

/// <summary>One thing that a validation found.</summary>
/// <param name="File">Where.</param>
/// <param name="Place">Where in it.</param>
/// <param name="IsError">Whether it would be refused; else it is a warning.</param>
/// <param name="About">The template or policy, for example <c>KubeTemplate blue/shop</c>; empty when it is about neither.</param>
/// <param name="Message">What it is.</param>
internal sealed record Finding(string File, YamlPlace Place, bool IsError, string About, string Message);

/// <summary>What a validation found, and over what.</summary>
internal sealed record Findings(int Templates, int Policies, IReadOnlyList<Finding> All)
{
    /// <summary>How many would be refused.</summary>
    public int Errors => All.Count(finding => finding.IsError);
}
